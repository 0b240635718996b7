import { ApiError, explain, isNotBegun, isPassing } from "../api/errors";
import type { LabellingApi } from "../api/labelling";
import type { Answer, LabellingProgress, LabellingTask } from "../api/types";
import type { StoredImage } from "../lib/stored-image";
import { type EditedBox, plainBox } from "./boxes";
import type { Drafts, Drawn } from "./drafts";
import { type Change, type Editing, begin, edit, fromBoxes } from "./editing";
import { LOST, handIn, handInUnsent } from "./handing-in";

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
  /** Whether the last answer is being taken back. */
  readonly goingBack: boolean;
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
const NOT_BACK = "Your last answer could not be taken back just now. Try again.";

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
    goingBack: false,
  };
  private active = false;
  /** Counts what was asked for: only the last is shown, whatever comes first. */
  private turn = 0;
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
    const ask = async () => {
      await handInUnsent(this.deps);
      void this.look();
      return api.next(jobId);
    };
    await this.get(ask, () => this.open());
  }

  /** Take the next image. */
  async next(): Promise<void> {
    this.set({ phase: "loading", error: null });
    await this.get(
      () => this.deps.api.next(this.deps.jobId),
      () => this.next(),
    );
  }

  /** Go back to one's last answer, to change it; one step at a time, however often it is asked for. */
  async previous(): Promise<void> {
    const { phase, saving, goingBack } = this.current;
    if (saving || goingBack || (phase !== "labelling" && phase !== "nothing left")) return;
    this.turn += 1;
    this.set({ goingBack: true, notice: null });
    try {
      const task = await this.deps.api.undo(this.deps.jobId);
      // The server has the answer no more as one that counts: from here on the boxes are a draft again.
      this.keep(task, fromBoxes(task.answer?.boxes ?? [], false), null);
      this.set({ goingBack: false });
      void this.look();
      await this.get(
        () => Promise.resolve(task),
        () => this.next(),
      );
    } catch (error) {
      this.set({ goingBack: false });
      await this.stayed(error);
    }
  }

  /** Go on after the last answer could not be taken back, or nobody knows whether it was. */
  private async stayed(error: unknown): Promise<void> {
    const before = this.current;
    // Whichever of the two it is, the server hands out the image that is this person's now.
    if (isPassing(error)) await this.next();
    else if (before.phase === "nothing left") this.later(() => this.lookAgain(), LOOK_AGAIN_MS);
    const { task, phase } = this.current;
    if (phase === before.phase && task?.taskId === before.task?.taskId) {
      const text = isPassing(error) ? NOT_BACK : explain(error);
      this.set({ notice: { text, passing: false } });
    }
  }

  change(change: Change): void {
    const { phase, editing, task, saving } = this.current;
    // While the next image is on its way, the last one can still be seen; it is handed in.
    if (phase !== "labelling" || editing === null || task === null || saving) return;
    const changed = edit(editing, change);
    this.active = true;
    if (changed === editing) return;
    if (changed.boxes !== editing.boxes) {
      this.touched = true;
      this.keep(task, changed.boxes, null);
    }
    this.set({ editing: changed });
  }

  /** Hand in what is drawn, or that there is nothing to draw, and go on. */
  async submit(kind: Answer["kind"]): Promise<void> {
    const { phase, task, editing, saving, goingBack } = this.current;
    if (phase !== "labelling" || task === null || editing === null || saving || goingBack) return;
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
    this.keep(task, editing.boxes, answer);
    this.set({ saving: true, notice: null });
    await this.send(task, answer);
  }

  /** Try again, because the person asks for it, what failed last. */
  tryAgain(): void {
    clearTimeout(this.timers.retry);
    delete this.timers.retry;
    void this.again();
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
  private again: () => Promise<void> = () => this.next();

  private async send(drawn: Drawn, answer: Answer): Promise<void> {
    try {
      const whyNot = await handIn(this.deps, drawn, answer);
      this.set({ saving: false });
      void this.look();
      await this.next();
      if (whyNot !== null) this.set({ notice: { text: whyNot, passing: false } });
    } catch (error) {
      if (isPassing(error)) {
        this.set({
          notice: {
            text: "Not saved yet: the server cannot be reached. Your boxes are kept on this device.",
            passing: true,
          },
        });
        this.later(() => this.send(drawn, answer));
      } else {
        this.set({ saving: false, notice: { text: explain(error), passing: false } });
      }
    }
  }

  /** Get an image and show it, unless something else has been asked for meanwhile. */
  private async get(
    ask: () => Promise<LabellingTask | undefined>,
    again: () => Promise<void>,
  ): Promise<void> {
    if (this.closed) return;
    this.turn += 1;
    const turn = this.turn;
    const isPast = () => this.closed || turn !== this.turn;
    try {
      const task = await ask();
      if (!isPast()) await this.show(task, isPast);
    } catch (error) {
      if (!isPast()) this.failed(error, again);
    }
  }

  private async show(task: LabellingTask | undefined, isPast: () => boolean): Promise<void> {
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
    if (isPast()) {
      this.deps.dropImage(image);
      return;
    }
    const editing = begin({ width: task.width, height: task.height }, task.labels, this.boxesOf(task), label);
    this.set({ phase: "labelling", image, editing, error: null });
    this.planRenewal(task.leaseExpiresAt);
  }

  private boxesOf(task: LabellingTask): readonly EditedBox[] {
    const draft = this.deps.drafts.get(this.deps.jobId, task.filename);
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
    const isPast = () => this.closed || this.current.task !== task;
    try {
      const { leaseExpiresAt } = await this.deps.api.renew(this.deps.jobId, task.taskId);
      if (!isPast()) this.planRenewal(leaseExpiresAt);
    } catch (error) {
      if (isPast()) return;
      this.active = wasActive;
      // An answer that is on its way, or a step back, decides for itself what comes next.
      const isLeaving = this.current.saving || this.current.goingBack;
      const isLost = error instanceof ApiError && error.status === 409;
      if (isLost && !isLeaving) {
        // The draft stays: should the image come back to this person, so do their boxes.
        await this.next();
        this.set({ notice: { text: LOST, passing: false } });
      } else if (isLost || isPassing(error)) {
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

  private keep(drawn: Drawn, boxes: readonly EditedBox[], answer: Answer | null): void {
    if (this.deps.drafts.keep(this.deps.jobId, drawn, boxes, answer)) return;
    const text = "This browser has no room to keep your boxes: save before you leave the page.";
    this.set({ notice: { text, passing: false } });
  }

  private failed(error: unknown, again: () => Promise<void>): void {
    const soon = isNotBegun(error);
    this.again = again;
    this.set({ phase: soon ? "not begun" : "failed", error });
    if (soon || isPassing(error)) this.later(again);
  }

  /** Somebody may give an image back, until all are labelled. */
  private async lookAgain(): Promise<void> {
    await this.look();
    const { progress } = this.current;
    if (this.current.phase !== "nothing left" || this.current.goingBack) return;
    if (progress !== null && (progress.state === "over" || progress.done >= progress.images)) return;
    await this.get(
      () => this.deps.api.next(this.deps.jobId),
      () => this.next(),
    );
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
