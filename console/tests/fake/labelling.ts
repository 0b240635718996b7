import type { Answer, Box, LabellingTask } from "../../src/api/types";
import type { Asked, Reply } from "./server";
import { problem } from "./api";
import type { Account } from "./sign-in";

interface Task {
  readonly taskId: string;
  readonly filename: string;
  holder: string | null;
  until: number;
  answer: Answer | null;
  by: string | null;
  /** What somebody answered and took back. */
  takenBack: { readonly by: string; readonly answer: Answer } | null;
}

interface LabellingOf {
  readonly attempt: number;
  readonly labels: readonly string[];
  readonly tasks: Task[];
  readonly suggestions: readonly Box[];
}

/** The group of a deployment whose members lead. */
export const LEADS = "ekyc-leads";

/** Labelling in memory: leases, answers, undo, attempts; one person per image. */
export class FakeLabelling {
  readonly jobs = new Map<string, LabellingOf>();
  imageUrl: (filename: string) => string = (filename) => filename;
  leaseSeconds = 300;
  isLead = true;

  /** Begin a job's labelling; once more for its next attempt, which numbers the images anew. */
  add(
    jobId: string,
    labels: readonly string[],
    filenames: readonly string[],
    suggestions: readonly Box[] = [],
  ): void {
    const tasks = filenames.map((filename, place) => ({
      taskId: `task-${place}`,
      filename,
      holder: null,
      until: 0,
      answer: null,
      by: null,
      takenBack: null,
    }));
    const attempt = (this.jobs.get(jobId)?.attempt ?? 0) + 1;
    this.jobs.set(jobId, { attempt, labels, tasks, suggestions });
  }

  /** The answers so far, by file name. */
  answers(jobId: string): Record<string, Answer> {
    const answered = this.jobs.get(jobId)?.tasks.filter((task) => task.answer !== null) ?? [];
    return Object.fromEntries(answered.map((task) => [task.filename, task.answer as Answer]));
  }

  /** Answer whoever has signed in, or says who they are where nobody does. */
  answer({ method, path, query, headers, body }: Asked, account: Account | null): Reply | null {
    const [, , service, jobId = "", ...rest] = path.split("/");
    if (service !== "labelling") return null;
    const worker = account?.username ?? String(headers["x-worker"] ?? "anybody");
    const isLead = account?.groups.includes(LEADS) ?? this.isLead;
    if (jobId === "jobs") return { status: 200, json: this.list(worker, isLead) };
    const job = this.jobs.get(jobId);
    if (job === undefined) return problem(404, "job-not-found", "There is no such labelling.");
    const [what, taskId, verb = ""] = rest;
    if (method === "GET" && what === undefined) {
      return { status: 200, json: this.progress(jobId, job, isLead) };
    }
    const leadsAlone = what === "finish" || method === "GET" || ["reopen", "assign"].includes(verb);
    if (leadsAlone && !isLead) return problem(403, "not-a-lead", "Only a lead may do this.");
    if (method === "GET" && what === "tasks") return { status: 200, json: { tasks: job.tasks.map(summary) } };
    if (what === "next") return this.next(job, worker);
    if (what === "undo") return this.undo(job, worker);
    if (what === "finish") return { status: 202, json: {} };
    if (query.has("attempt") && query.get("attempt") !== String(job.attempt)) {
      return problem(409, "labelling-over", "That attempt is over.");
    }
    const task = job.tasks.find((one) => one.taskId === taskId);
    if (task === undefined) return problem(404, "task-not-found", "There is no such task.");
    return this.change(job, task, worker, method === "PUT" ? "submit" : verb, body);
  }

  private change(job: LabellingOf, task: Task, worker: string, verb: string, body: Buffer): Reply {
    if (verb === "reopen") {
      Object.assign(task, { answer: null, by: null, holder: null, takenBack: null });
      return { status: 200, json: summary(task) };
    }
    if (verb === "assign") {
      const { worker: to } = JSON.parse(body.toString()) as { worker: string };
      Object.assign(task, { holder: to, until: Date.now() + 300_000 });
      return { status: 200, json: summary(task) };
    }
    if (task.by !== null && task.by !== worker)
      return problem(409, "lease-lost", "Others have finished this image.");
    if (verb === "release") {
      if (task.holder === worker) task.holder = null;
      return { status: 204 };
    }
    const isOthers = task.holder !== null && task.holder !== worker && task.until > Date.now();
    if (isOthers || (verb === "renew" && task.holder !== worker))
      return problem(409, "lease-lost", "Somebody else has this image.");
    if (verb === "renew") return { status: 200, json: this.lease(job, task, worker) };
    const answer = JSON.parse(body.toString()) as Answer;
    Object.assign(task, { answer, by: worker, holder: null, takenBack: null });
    return { status: 200, json: { taskId: task.taskId, done: true } };
  }

  private next(job: LabellingOf, worker: string): Reply {
    const mine = job.tasks.find((task) => task.holder === worker && task.answer === null);
    const free = job.tasks.find(
      (task) => task.answer === null && (task.holder === null || task.until < Date.now()),
    );
    const task = mine ?? free;
    return task === undefined ? { status: 204 } : { status: 200, json: this.lease(job, task, worker) };
  }

  private undo(job: LabellingOf, worker: string): Reply {
    const last = job.tasks.findLast((task) => task.by === worker);
    if (last === undefined) return problem(409, "nothing-to-undo", "You have answered nothing yet.");
    for (const held of job.tasks) if (held.holder === worker) held.holder = null;
    Object.assign(last, { answer: null, by: null, takenBack: { by: worker, answer: last.answer } });
    return { status: 200, json: this.lease(job, last, worker) };
  }

  private lease(job: LabellingOf, task: Task, worker: string): LabellingTask {
    Object.assign(task, { holder: worker, until: Date.now() + this.leaseSeconds * 1000 });
    return {
      taskId: task.taskId,
      filename: task.filename,
      imageUrl: this.imageUrl(task.filename),
      width: 640,
      height: 480,
      labels: [...job.labels],
      leaseExpiresAt: new Date(task.until).toISOString(),
      suggestions: [...job.suggestions],
      attempt: job.attempt,
      answer: task.takenBack?.by === worker ? task.takenBack.answer : null,
    };
  }

  private list(worker: string, isLead: boolean) {
    const jobs = [...this.jobs].map(([jobId, { labels, tasks }]) => ({
      jobId,
      labels,
      images: tasks.length,
      done: tasks.filter((task) => task.answer !== null).length,
      mine: tasks.filter((task) => task.by === worker).length,
      workersPerImage: 1,
      isLead,
    }));
    return { jobs };
  }

  private progress(jobId: string, { labels, tasks }: LabellingOf, isLead: boolean) {
    const done = tasks.filter((task) => task.answer !== null);
    const leased = tasks.filter((task) => task.holder !== null).length;
    const people = [...new Set(done.map((task) => task.by ?? ""))];
    return {
      jobId,
      labels,
      state: "open",
      images: tasks.length,
      done: done.length,
      leased,
      open: tasks.length - done.length - leased,
      answers: done.length,
      people: people.map((worker) => ({ worker, answers: done.filter((task) => task.by === worker).length })),
      workersPerImage: 1,
      isLead,
    };
  }
}

function summary(task: Task) {
  const state = task.answer !== null ? "done" : task.holder !== null ? "leased" : "open";
  return {
    taskId: task.taskId,
    filename: task.filename,
    state,
    worker: task.by ?? task.holder,
    answers: task.answer ? 1 : 0,
    answeredBy: task.by === null ? [] : [task.by],
  };
}
