import type { Answer } from "../api/types";
import type { EditedBox } from "./boxes";

/** What somebody drew on an image and the server does not have yet. */
export interface Draft {
  readonly boxes: readonly EditedBox[];
  /** Given when the person was done and only the server's word is missing. */
  readonly answer: Answer | null;
  readonly at: number;
}

const PREFIX = "console.draft.";
const KEPT_MS = 14 * 24 * 3_600_000;

/**
 * Drafts in localStorage: written at once and to the disk, so that neither a crash nor a reload loses a box.
 */
export class Drafts {
  constructor(
    private readonly storage: Storage,
    private readonly now: () => number,
  ) {}

  get(jobId: string, taskId: string): Draft | null {
    return parse(this.storage.getItem(keyOf(jobId, taskId)));
  }

  /** Keep a draft; false when the browser has no room, which the person has to know. */
  keep(jobId: string, taskId: string, boxes: readonly EditedBox[], answer: Answer | null): boolean {
    try {
      this.storage.setItem(keyOf(jobId, taskId), JSON.stringify({ boxes, answer, at: this.now() }));
      return true;
    } catch {
      return false;
    }
  }

  drop(jobId: string, taskId: string): void {
    this.storage.removeItem(keyOf(jobId, taskId));
  }

  /** The answers of a job that the server never took, by task. */
  unsent(jobId: string): Map<string, Answer> {
    const found = new Map<string, Answer>();
    for (const key of this.keys()) {
      const draft = parse(this.storage.getItem(key));
      const [job, task] = partsOf(key);
      if (job === jobId && task !== undefined && draft?.answer) found.set(task, draft.answer);
    }
    return found;
  }

  /** Throw away what nobody came back to. */
  tidy(): void {
    for (const key of this.keys()) {
      const draft = parse(this.storage.getItem(key));
      if (draft === null || this.now() - draft.at > KEPT_MS) this.storage.removeItem(key);
    }
  }

  private keys(): string[] {
    const keys: string[] = [];
    for (let place = 0; place < this.storage.length; place += 1) {
      const key = this.storage.key(place);
      if (key?.startsWith(PREFIX)) keys.push(key);
    }
    return keys;
  }
}

function keyOf(jobId: string, taskId: string): string {
  return `${PREFIX}${encodeURIComponent(jobId)}/${encodeURIComponent(taskId)}`;
}

function partsOf(key: string): string[] {
  return key.slice(PREFIX.length).split("/").map(decodeURIComponent);
}

function parse(raw: string | null): Draft | null {
  if (raw === null) return null;
  try {
    return JSON.parse(raw) as Draft;
  } catch {
    return null;
  }
}
