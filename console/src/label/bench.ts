import { ApiError, isNotBegun, isPassing } from "../api/errors";
import type { LabellingApi } from "../api/labelling";
import type { Answer, LabellingProgress, LabellingTask } from "../api/types";
import type { StoredImage } from "../lib/stored-image";
import { type EditedBox, plainBox } from "./boxes";
import type { Drafts } from "./drafts";
import { type Change, type Editing, begin, edit, fromBoxes } from "./editing";

/** Where a person is with their images. */
export interface BenchState {
  readonly phase: "loading" | "not begun" | "labelling" | "nothing left" | "failed";
  readonly task: LabellingTask | null;
  readonly image: StoredImage | null;
  readonly editing: Editing | null;
  readonly progress: LabellingProgress | null;
  /** Something that the person should know; `passing` when the page goes on by itself. */
  readonly notice: { readonly text: string; readonly passing: boolean } | null;
  readonly error: unknown;
  readonly saving: boolean;
}

export interface BenchDeps {
  readonly jobId: string;
  readonly api: LabellingApi;
  readonly drafts: Drafts;
  readonly loadImage: (url: string) => Promise<StoredImage>;
  readonly dropImage: (image: StoredImage) => void;
  readonly now: () => number;
  readonly onChange: (state: BenchState) => void;
}

const RETRY_MS = 4_000;
const LOOK_AGAIN_MS = 8_000;
const LOST =
  "This image was given to somebody else, because nothing was heard of it for a while. Here is another.";

/**
 * One person's work on the images of one job: takes the next, keeps what is drawn, hands it in.
 *
 * A box is in `drafts` before anything else happens to it, and leaves that only when the server has it.
 */
export class Bench {
  private current: BenchState = {
    phase: "loading",
    task: null,
    image: null,
    editing: null,
    progress: null,
    notice: null,
    error: null,
    saving: false,
  };
  private active = false;
  private timers: { lease?: ReturnType<typeof setTimeout>; retry?: ReturnType<typeof setTimeout> } = {};
  private closed = false;
  private touched = false;

  constructor(private readonly deps: BenchDeps) {}

  get state(): BenchState {
    return this.current;
  }

  /** Hand in what an earlier visit could not, then begin. */
  async open(): Promise<void> {
    const { jobId, api, drafts } = this.deps;
    drafts.tidy();
    try {
      for (const [taskId, answer] of drafts.unsent(jobId)) await this.handIn(taskId, answer);
      void this.look();
      await this.show(await api.next(jobId));
    } catch (error) {
      this.failed(error, () => this.open());
    }
  }

  /** Take the next image. */
  async next(): Promise<void> {
    this.set({ phase: "loading", error: null });
    try {
      await this.show(await this.deps.api.next(this.deps.jobId));
    } catch (error) {
      this.failed(error, () => this.next());
    }
  }

  /** Go back to one's last answer, to change it. */
  async previous(): Promise<void> {
    const { jobId, api } = this.deps;
    if (this.current.saving) return;
    const before = this.current.task;
    try {
      const task = await api.undo(jobId);
      if (before !== null && !this.touched) void api.release(jobId, before.taskId).catch(() => undefined);
      await this.show(task);
      void this.look();
    } catch (error) {
      this.set({ notice: { text: error instanceof Error ? error.message : String(error), passing: false } });
    }
  }

  change(change: Change): void {
    const { editing, task, saving } = this.current;
    if (editing === null || task === null || saving) return;
    const changed = edit(editing, change);
    this.active = true;
    if (changed === editing) return;
    if (changed.boxes !== editing.boxes) {
      this.touched = true;
      this.keep(task.taskId, changed.boxes, null);
    }
    this.set({ editing: changed });
  }

  /** Hand in what is drawn, or that there is nothing to draw, and go on. */
  async submit(kind: Answer["kind"]): Promise<void> {
    const { task, editing, saving } = this.current;
    if (task === null || editing === null || saving) return;
    if (kind === "boxes" && editing.boxes.length === 0) {
      this.set({
        notice: {
          text: "Draw a box, or say that there is no document (X) or that you cannot tell (C).",
          passing: false,
        },
      });
      return;
    }
    const answer: Answer = { kind, boxes: kind === "boxes" ? editing.boxes.map(plainBox) : [] };
    this.keep(task.taskId, editing.boxes, answer);
    this.set({ saving: true, notice: null });
    await this.send(task.taskId, answer);
  }

  /** Go on at once, because the network is back. */
  wake(): void {
    if (this.timers.retry === undefined) return;
    clearTimeout(this.timers.retry);
    this.retry();
  }

  /** Leave; an image that was not touched goes back to the others. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timers.lease);
    clearTimeout(this.timers.retry);
    const { task, image, saving } = this.current;
    if (image !== null) this.deps.dropImage(image);
    if (task !== null && !this.touched && !saving) {
      void this.deps.api.release(this.deps.jobId, task.taskId).catch(() => undefined);
    }
  }

  private retry: () => void = () => undefined;

  private async send(taskId: string, answer: Answer): Promise<void> {
    try {
      const taken = await this.handIn(taskId, answer);
      this.set({ saving: false });
      void this.look();
      await this.next();
      if (!taken) this.set({ notice: { text: LOST, passing: false } });
    } catch (error) {
      if (isPassing(error)) {
        this.set({
          notice: {
            text: "Not saved yet: the server cannot be reached. Your boxes are kept on this device.",
            passing: true,
          },
        });
        this.later(() => this.send(taskId, answer));
      } else {
        this.set({
          saving: false,
          notice: { text: error instanceof Error ? error.message : "", passing: false },
        });
      }
    }
  }

  /** Give the server an answer; false when others have finished the image meanwhile. */
  private async handIn(taskId: string, answer: Answer): Promise<boolean> {
    const { jobId, api, drafts } = this.deps;
    try {
      await api.submit(jobId, taskId, answer);
    } catch (error) {
      const gone = error instanceof ApiError && (error.status === 404 || error.status === 409);
      if (!gone) throw error;
      drafts.drop(jobId, taskId);
      return false;
    }
    drafts.drop(jobId, taskId);
    return true;
  }

  private async show(task: LabellingTask | undefined): Promise<void> {
    clearTimeout(this.timers.lease);
    const label = this.current.editing?.label;
    if (this.current.image !== null) this.deps.dropImage(this.current.image);
    this.touched = false;
    if (task === undefined) {
      this.set({ phase: "nothing left", task: null, image: null, editing: null, notice: null });
      this.later(() => this.lookAgain(), LOOK_AGAIN_MS);
      return;
    }
    this.set({ phase: "loading", task, image: null, editing: null, notice: null });
    const image = await this.deps.loadImage(task.imageUrl);
    const editing = begin({ width: task.width, height: task.height }, task.labels, this.boxesOf(task), label);
    this.set({ phase: "labelling", image, editing, error: null });
    this.planRenewal(task.leaseExpiresAt);
  }

  private boxesOf(task: LabellingTask): readonly EditedBox[] {
    const draft = this.deps.drafts.get(this.deps.jobId, task.taskId);
    if (draft !== null) {
      this.touched = true;
      return draft.boxes;
    }
    return task.answer ? fromBoxes(task.answer.boxes, false) : fromBoxes(task.suggestions, true);
  }

  /** Prolong the lease halfway, as long as somebody is at work. */
  private planRenewal(expiresAt: string): void {
    clearTimeout(this.timers.lease);
    const left = Date.parse(expiresAt) - this.deps.now();
    this.timers.lease = setTimeout(() => void this.renew(expiresAt), Math.max(1_000, left / 2));
  }

  private async renew(expiresAt: string): Promise<void> {
    const { task } = this.current;
    if (task === null || this.closed) return;
    if (!this.active && this.deps.now() < Date.parse(expiresAt)) {
      this.planRenewal(expiresAt);
      return;
    }
    const wasActive = this.active;
    this.active = false;
    try {
      const { leaseExpiresAt } = await this.deps.api.renew(this.deps.jobId, task.taskId);
      this.planRenewal(leaseExpiresAt);
    } catch (error) {
      this.active = wasActive;
      if (error instanceof ApiError && error.status === 409) {
        // The draft stays: should the image come back to this person, so do their boxes.
        await this.next();
        this.set({ notice: { text: LOST, passing: false } });
      } else if (isPassing(error)) {
        this.planRenewal(expiresAt);
      }
    }
  }

  private async look(): Promise<void> {
    try {
      this.set({ progress: await this.deps.api.progress(this.deps.jobId) });
    } catch {
      // The numbers are an extra; the work goes on without.
    }
  }

  private keep(taskId: string, boxes: readonly EditedBox[], answer: Answer | null): void {
    if (this.deps.drafts.keep(this.deps.jobId, taskId, boxes, answer)) return;
    const text = "This browser has no room to keep your boxes: save before you leave the page.";
    this.set({ notice: { text, passing: false } });
  }

  private failed(error: unknown, again: () => Promise<void>): void {
    const soon = isNotBegun(error);
    this.set({ phase: soon ? "not begun" : "failed", error });
    if (soon || isPassing(error)) this.later(again);
  }

  /** Somebody may give an image back, until all are labelled. */
  private async lookAgain(): Promise<void> {
    await this.look();
    const { progress } = this.current;
    if (progress !== null && (progress.state === "over" || progress.done >= progress.images)) return;
    try {
      const task = await this.deps.api.next(this.deps.jobId);
      if (task === undefined) this.later(() => this.lookAgain(), LOOK_AGAIN_MS);
      else await this.show(task);
    } catch (error) {
      this.failed(error, () => this.lookAgain());
    }
  }

  private later(again: () => Promise<void>, pause = RETRY_MS): void {
    if (this.closed) return;
    clearTimeout(this.timers.retry);
    this.retry = () => {
      delete this.timers.retry;
      void again();
    };
    this.timers.retry = setTimeout(this.retry, pause);
  }

  private set(changes: Partial<BenchState>): void {
    this.current = { ...this.current, ...changes };
    if (!this.closed) this.deps.onChange(this.current);
  }
}
