import type { Answer, LabellingTask } from "../api/types";
import type { EditedBox } from "./boxes";

/** What somebody drew on an image and the server does not have yet. */
export interface Draft {
  readonly taskId: string;
  /** The attempt in which the image has this id. */
  readonly attempt: number;
  readonly boxes: readonly EditedBox[];
  /** Given when the person was done and only the server's word is missing. */
  readonly answer: Answer | null;
  readonly at: number;
}

/** An image by its file name, which stays, and by its id, which holds for one attempt. */
export type Drawn = Pick<LabellingTask, "taskId" | "attempt" | "filename">;

/** An answer that the server never took. */
export interface Unsent extends Drawn {
  readonly answer: Answer;
}

const PREFIX = "console.draft.";
const KEPT_MS = 14 * 24 * 3_600_000;

/**
 * One person's drafts in localStorage: written at once and to the disk, so that neither a crash nor a reload
 * loses a box.
 *
 * They are kept by person, job and file name. So nobody is shown or hands in what another person drew at the
 * same machine, and a retry, which numbers the images anew, finds each draft with its own photo.
 */
export class Drafts {
  constructor(
    private readonly storage: Storage,
    private readonly person: string,
    private readonly now: () => number,
  ) {}

  get(jobId: string, filename: string): Draft | null {
    return parse(this.storage.getItem(this.keyOf(jobId, filename)));
  }

  /** Keep a draft; false when the browser has no room, which the person has to know. */
  keep(jobId: string, drawn: Drawn, boxes: readonly EditedBox[], answer: Answer | null): boolean {
    const { taskId, attempt, filename } = drawn;
    const draft: Draft = { taskId, attempt, boxes, answer, at: this.now() };
    try {
      this.storage.setItem(this.keyOf(jobId, filename), JSON.stringify(draft));
      return true;
    } catch {
      return false;
    }
  }

  drop(jobId: string, filename: string): void {
    this.storage.removeItem(this.keyOf(jobId, filename));
  }

  /** Keep what was drawn, for when the photo comes again, without handing it in unasked. */
  withhold(jobId: string, filename: string): void {
    const draft = this.get(jobId, filename);
    if (draft !== null) this.keep(jobId, { ...draft, filename }, draft.boxes, null);
  }

  /** The person's answers to a job that the server never took. */
  unsent(jobId: string): Unsent[] {
    const found: Unsent[] = [];
    for (const key of this.keys()) {
      const [person, job, filename] = partsOf(key);
      if (person !== this.person || job !== jobId || filename === undefined) continue;
      const draft = parse(this.storage.getItem(key));
      if (draft?.answer) {
        found.push({ filename, taskId: draft.taskId, attempt: draft.attempt, answer: draft.answer });
      }
    }
    return found;
  }

  /** Throw away what nobody came back to, and what does not say whose it is or of which photo. */
  tidy(): void {
    for (const key of this.keys()) {
      const draft = parse(this.storage.getItem(key));
      if (draft === null || this.now() - draft.at > KEPT_MS) this.storage.removeItem(key);
    }
  }

  private keyOf(jobId: string, filename: string): string {
    return PREFIX + [this.person, jobId, filename].map(encodeURIComponent).join("/");
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

function partsOf(key: string): string[] {
  return key.slice(PREFIX.length).split("/").map(decodeURIComponent);
}

function parse(raw: string | null): Draft | null {
  if (raw === null) return null;
  try {
    const read = JSON.parse(raw) as Partial<Draft> | null;
    return typeof read?.taskId === "string" && Array.isArray(read.boxes) ? (read as Draft) : null;
  } catch {
    return null;
  }
}
