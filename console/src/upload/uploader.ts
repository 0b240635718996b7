import { ApiError, SignedOut, Unreachable, explain, isPassing } from "../api/errors";
import type { UploadUrl, UploadUrls } from "../api/types";
import { cleanName, isClutter, whyNameRefused } from "./filenames";
import type { Checked } from "./image-head";
import type { Fingerprint, Ledger } from "./ledger";
import type { Picked } from "./picked";
import { PutRefused } from "./put";

export type ItemState = "checking" | "waiting" | "uploading" | "done" | "failed" | "refused";

export interface Item {
  readonly id: number;
  readonly path: string;
  readonly file: File;
  /** Under which name it is stored. */
  name: string;
  state: ItemState;
  sent: number;
  /** Why it failed or was refused. */
  reason: string | null;
  /** Whether another name would do. */
  renamable: boolean;
  size: { readonly width: number; readonly height: number } | null;
  attempts: number;
  /** Not before this moment, in milliseconds; after a failure that passes. */
  notBefore: number;
}

/** What the uploader needs of the world. */
export interface UploaderDeps {
  readonly jobId: string;
  readonly urls: (names: readonly string[], renew: boolean) => Promise<UploadUrls>;
  readonly put: (
    url: string,
    file: Blob,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly check: (file: File) => Promise<Checked>;
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly online: () => boolean;
}

export const URLS_AT_ONCE = 1000;
const PUTS_AT_ONCE = 6;
const CHECKS_AT_ONCE = 8;
const MAX_ATTEMPTS = 5;
const SPARE_MS = 30_000;

/**
 * Uploads the images of one job: checks each, asks for URLs by the thousand, puts several at once.
 *
 * What passes (no network, a busy server) is tried again by itself; what does not is listed and waits for
 * `retry`. What the ledger knows as uploaded is not uploaded again.
 */
export class Uploader {
  readonly items: Item[] = [];
  /** Why nothing goes on at all, if so. */
  halted: string | null = null;

  private readonly counts = new Map<ItemState, number>();
  private readonly names = new Map<string, Item>();
  /** Names under which the job has an image that is none of these files. */
  private readonly others = new Set<string>();
  private readonly toCheck: Item[] = [];
  private waiting: Item[] = [];
  private readonly urls = new Map<string, UploadUrl>();
  private readonly listeners = new Set<() => void>();
  private readonly stopped = new AbortController();
  private known: Promise<Map<string, Fingerprint>> | null = null;
  private checking = 0;
  private putting = 0;
  private asking = false;
  private askNotBefore = 0;
  private askFailures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private telling = false;

  constructor(private readonly deps: UploaderDeps) {}

  /** Be told, a few times a second at most, that something has changed. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  count(state: ItemState): number {
    return this.counts.get(state) ?? 0;
  }

  /** Whether leaving the page now would interrupt something. */
  get busy(): boolean {
    return (
      this.halted === null && this.count("checking") + this.count("waiting") + this.count("uploading") > 0
    );
  }

  get bytes(): { readonly sent: number; readonly total: number } {
    let sent = 0;
    let total = 0;
    for (const item of this.items) {
      if (item.state === "refused") continue;
      total += item.file.size;
      sent += item.state === "done" ? item.file.size : item.sent;
    }
    return { sent, total };
  }

  add(picked: readonly Picked[]): void {
    for (const { file, path } of picked.toSorted(byPath)) {
      if (isClutter(path)) continue;
      const item = this.makeItem(file, path);
      const before = this.names.get(item.name);
      if (before !== undefined && isSame(before.file, file) && before.path === path) continue;
      this.items.push(item);
      this.counts.set("checking", this.count("checking") + 1);
      this.admit(item, item.name);
    }
    this.work();
  }

  /** Try again what failed. */
  retry(): void {
    this.halted = null;
    for (const item of this.items) {
      if (item.state !== "failed") continue;
      item.attempts = 0;
      item.notBefore = 0;
      this.wait(item);
    }
    this.askNotBefore = 0;
    this.work();
  }

  /** Add under cleaned names what was refused for its name alone. */
  rename(): void {
    for (const item of this.items) {
      if (item.state !== "refused" || !item.renamable) continue;
      const name = cleanName(item.path, (wanted) => this.names.has(wanted) || this.others.has(wanted));
      if (name === null) continue;
      item.renamable = false;
      item.reason = null;
      this.move(item, "checking");
      this.admit(item, name);
    }
    this.work();
  }

  /** Go on at once, because the network is back. */
  wake(): void {
    for (const item of this.waiting) item.notBefore = 0;
    this.askNotBefore = 0;
    this.work();
  }

  stop(): void {
    this.stopped.abort();
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  private makeItem(file: File, path: string): Item {
    return {
      id: this.items.length,
      path,
      file,
      name: path.slice(path.lastIndexOf("/") + 1),
      state: "checking",
      sent: 0,
      reason: null,
      renamable: false,
      size: null,
      attempts: 0,
      notBefore: 0,
    };
  }

  private admit(item: Item, name: string): void {
    const why = whyNameRefused(name);
    if (why !== null) {
      this.refuse(item, why, cleanName(item.path, () => false) !== null);
    } else if (this.names.has(name)) {
      this.refuse(item, `Another file of this name was added: ${this.names.get(name)?.path ?? name}.`, true);
    } else {
      item.name = name;
      this.names.set(name, item);
      this.toCheck.push(item);
    }
  }

  private work(): void {
    if (this.stopped.signal.aborted) return;
    while (this.checking < CHECKS_AT_ONCE) {
      const item = this.toCheck.shift();
      if (item === undefined) break;
      void this.check(item);
    }
    if (this.halted === null) {
      this.startPuts();
      void this.ask();
      this.wakeLater();
    }
    this.tell();
  }

  private async check(item: Item): Promise<void> {
    this.checking += 1;
    try {
      this.known ??= this.deps.ledger.load(this.deps.jobId);
      // A browser that keeps nothing (a private window) can upload all the same; it only cannot resume.
      const before = (await this.known.catch(() => new Map<string, Fingerprint>())).get(item.name);
      if (before !== undefined && isSame(before, item.file)) {
        this.move(item, "done");
      } else if (before !== undefined) {
        this.refuseName(item);
      } else {
        this.conclude(item, await this.deps.check(item.file));
      }
    } catch {
      this.release(item);
      this.refuse(
        item,
        "The file cannot be read: it may have been moved or changed since it was chosen.",
        false,
      );
    } finally {
      this.checking -= 1;
      this.work();
    }
  }

  private conclude(item: Item, checked: Checked): void {
    if (checked.refused !== undefined) {
      this.release(item);
      this.refuse(item, checked.refused, false);
    } else {
      item.size = checked;
      this.wait(item);
    }
  }

  /** Ask for the URLs of those that wait, when few are left in hand. */
  private async ask(): Promise<void> {
    const now = this.deps.now();
    if (this.asking || now < this.askNotBefore) return;
    const lacks = (item: Item) => item.notBefore <= now && this.freshUrl(item.name) === null;
    // First come, first served: while those in front have theirs, nobody further back needs to be looked at.
    if (!this.waiting.slice(0, PUTS_AT_ONCE * 2).some(lacks)) return;
    const lacking = this.waiting.filter(lacks);
    const names = lacking.slice(0, URLS_AT_ONCE).map((item) => item.name);
    this.asking = true;
    try {
      // A name that an interrupted upload had asked for is given out again; a new one is not any different.
      this.take(await this.deps.urls(names, true));
      this.askFailures = 0;
    } catch (error) {
      this.askFailed(error, names);
    } finally {
      this.asking = false;
      this.work();
    }
  }

  private take(answer: UploadUrls): void {
    for (const url of answer.urls) this.urls.set(url.filename, url);
    for (const refused of answer.refused) {
      const item = this.names.get(refused.filename);
      if (item?.state !== "waiting") continue;
      this.waiting = this.waiting.filter((one) => one !== item);
      const size = refused.sizeBytes ?? null;
      if (refused.code === "image-exists" && size !== null && size !== item.file.size) this.refuseName(item);
      else if (refused.code === "image-exists") this.finish(item);
      else this.refuse(item, refused.reason, refused.code === "invalid-filename");
    }
  }

  private askFailed(error: unknown, names: readonly string[]): void {
    this.askFailures += 1;
    if (isPassing(error)) {
      this.askNotBefore = this.deps.now() + backOff(this.askFailures);
      return;
    }
    if (error instanceof SignedOut || (error instanceof ApiError && error.status !== 422)) {
      this.halted = explain(error);
    }
    for (const name of names) {
      const item = this.names.get(name);
      if (item?.state === "waiting") this.fail(item, explain(error));
    }
  }

  private startPuts(): void {
    const now = this.deps.now();
    while (this.putting < PUTS_AT_ONCE) {
      const place = this.waiting.findIndex(
        (item) => item.notBefore <= now && this.freshUrl(item.name) !== null,
      );
      const [item] = place < 0 ? [] : this.waiting.splice(place, 1);
      const url = item === undefined ? null : this.freshUrl(item.name);
      if (item === undefined || url === null) break;
      void this.put(item, url);
    }
  }

  private async put(item: Item, url: string): Promise<void> {
    this.putting += 1;
    item.attempts += 1;
    item.sent = 0;
    item.reason = null;
    this.move(item, "uploading");
    const sent = (bytes: number) => {
      item.sent = bytes;
      this.tell();
    };
    try {
      await this.deps.put(url, item.file, sent, this.stopped.signal);
      this.finish(item);
    } catch (error) {
      item.sent = 0;
      if (!this.stopped.signal.aborted) this.putFailed(item, error);
    } finally {
      this.putting -= 1;
      this.work();
    }
  }

  private putFailed(item: Item, error: unknown): void {
    const expired = error instanceof PutRefused && error.status === 403;
    const passing = error instanceof Unreachable || (error instanceof PutRefused && error.status >= 500);
    if (expired) this.urls.delete(item.name);
    // Without a network every attempt fails; that says nothing about the file.
    if (error instanceof Unreachable && !this.deps.online()) item.attempts = 1;
    if ((expired || passing) && item.attempts < MAX_ATTEMPTS) {
      item.notBefore = this.deps.now() + backOff(item.attempts);
      item.reason = explain(error);
      this.wait(item);
    } else {
      this.fail(item, explain(error));
    }
  }

  private finish(item: Item): void {
    this.urls.delete(item.name);
    this.move(item, "done");
    void this.deps.ledger.record(this.deps.jobId, item.name, item.file).catch(() => undefined);
  }

  private wait(item: Item): void {
    this.move(item, "waiting");
    this.waiting.push(item);
  }

  private fail(item: Item, reason: string): void {
    this.waiting = this.waiting.filter((one) => one !== item);
    item.reason = reason;
    this.move(item, "failed");
  }

  private refuse(item: Item, reason: string, renamable: boolean): void {
    item.reason = reason;
    item.renamable = renamable;
    this.move(item, "refused");
  }

  /** Refuse a file whose name another image of the job has, which must not be taken for this one. */
  private refuseName(item: Item): void {
    this.release(item);
    this.others.add(item.name);
    this.refuse(item, "Another image of this name is there already: rename this file.", true);
  }

  private release(item: Item): void {
    if (this.names.get(item.name) === item) this.names.delete(item.name);
  }

  private move(item: Item, state: ItemState): void {
    this.counts.set(item.state, this.count(item.state) - 1);
    item.state = state;
    this.counts.set(state, this.count(state) + 1);
  }

  private freshUrl(name: string): string | null {
    const url = this.urls.get(name);
    return url !== undefined && Date.parse(url.expiresAt) - SPARE_MS > this.deps.now() ? url.url : null;
  }

  /** Come back when the first of those that wait after a failure may be tried again. */
  private wakeLater(): void {
    clearTimeout(this.timer);
    const now = this.deps.now();
    let next = this.askNotBefore > now ? this.askNotBefore : Infinity;
    for (const { notBefore } of this.waiting) {
      if (notBefore > now && notBefore < next) next = notBefore;
    }
    if (next < Infinity) this.timer = setTimeout(() => this.work(), next - now + 5);
  }

  private tell(): void {
    if (this.telling) return;
    this.telling = true;
    setTimeout(() => {
      this.telling = false;
      for (const listener of this.listeners) listener();
    }, 100);
  }
}

function byPath(one: Picked, other: Picked): number {
  return one.path < other.path ? -1 : 1;
}

function backOff(attempt: number): number {
  return 1000 * 2 ** Math.min(attempt - 1, 5);
}

function isSame(one: Fingerprint, other: Fingerprint): boolean {
  return one.size === other.size && one.lastModified === other.lastModified;
}
