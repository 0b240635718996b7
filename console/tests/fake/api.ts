import { makeJob } from "./jobs";
import { cardPng } from "./images";
import type { TrainingJob } from "../../src/api/types";
import { FakeLabelling } from "./labelling";
import { type Asked, type Reply, deployedHeaders, pageFile, serve } from "./server";
import type { FakeSignIn } from "./sign-in";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, PUT",
  "access-control-allow-headers": "*",
};

/** The parts of the API that the page uses, in memory, with switches for what can go wrong. */
export class FakeApi {
  url = "";
  storage = "";
  readonly jobs = new Map<string, TrainingJob>();
  /** What was put, by job and name. */
  readonly stored = new Map<string, Buffer>();
  readonly labelling = new FakeLabelling();
  config: Record<string, unknown> = {
    auth: "none",
    region: null,
    signIn: null,
    modelRunningAlarmHours: 12,
    workersHeader: true,
  };
  /** Hang up on every request to the API. */
  unreachable = false;
  /** Answer 401 to every request to the API that has no access token of it. */
  signIn: FakeSignIn | null = null;
  /** Answer for a put instead of storing it; null to store it. */
  onPut: (name: string, attempt: number) => Promise<Reply | "hang up" | null> = () => Promise.resolve(null);
  results: unknown = null;
  detections: unknown = null;
  readonly asked: string[] = [];
  private readonly attempts = new Map<string, number>();
  private closers: (() => Promise<void>)[] = [];

  async start(folder: string): Promise<void> {
    const storage = await serve(async (asked) => {
      const reply = await this.store(asked);
      return reply === "hang up" ? reply : { ...reply, headers: CORS };
    });
    this.storage = storage.url;
    const page = await serve(async (asked) => {
      const connects = [storage.url, ...(this.signIn === null ? [] : [this.signIn.url])].join(" ");
      const isApi = asked.path.startsWith("/api/");
      const reply = isApi ? this.answer(asked) : await this.file(folder, asked.path);
      if (reply === "hang up") return reply;
      return { ...reply, headers: deployedHeaders(isApi ? "api" : "page", storage.url, connects) };
    });
    this.url = page.url;
    this.labelling.imageUrl = (filename) => `${this.storage}/pictures/${encodeURIComponent(filename)}`;
    this.closers = [page.close, storage.close];
  }

  private async file(folder: string, path: string): Promise<Reply> {
    return path === "/config.json" ? { status: 200, json: this.config } : pageFile(folder, path);
  }

  /** Let nobody in who has not signed in there. */
  guard(signIn: FakeSignIn): void {
    this.signIn = signIn;
    this.config = { ...this.config, auth: "cognito", signIn: signIn.config, workersHeader: false };
  }

  async stop(): Promise<void> {
    for (const close of this.closers) await close();
  }

  add(...jobs: TrainingJob[]): void {
    for (const job of jobs) this.jobs.set(job.jobId, job);
  }

  names(jobId: string): string[] {
    return [...this.stored.keys()]
      .filter((key) => key.startsWith(`${jobId}/`))
      .map((key) => key.slice(jobId.length + 1));
  }

  private async store({ method, path, body }: Asked): Promise<Reply | "hang up"> {
    if (method === "OPTIONS") return { status: 200 };
    const name = path.slice(1);
    if (method === "GET") {
      const made = cardPng(640, 480, { left: 120, top: 110, width: 400, height: 250 });
      return { status: 200, bytes: this.stored.get(name) ?? made, type: "image/png" };
    }
    const attempt = (this.attempts.get(name) ?? 0) + 1;
    this.attempts.set(name, attempt);
    const instead = await this.onPut(name.slice(name.indexOf("/") + 1), attempt);
    if (instead !== null) return instead;
    this.stored.set(name, body);
    return { status: 200 };
  }

  private answer(asked: Asked): Reply | "hang up" {
    this.asked.push(`${asked.method} ${asked.path}`);
    if (this.unreachable) return "hang up";
    const account = this.signIn?.accepted.get(bearerOf(asked)) ?? null;
    if (this.signIn !== null && account === null) {
      return { status: 401, json: { message: "The incoming token has expired" } };
    }
    return this.labelling.answer(asked, account) ?? this.training(asked);
  }

  private training({ method, path, query, body }: Asked): Reply {
    const json = body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
    const [, , , first = "", ...rest] = path.split("/");
    if (first === "list") return this.list(query);
    if (first === "create") return this.create(json);
    if (first === "urls") return this.urls(json);
    const job = this.jobs.get(first === "start" ? String(json["jobId"]) : first);
    if (job === undefined) return problem(404, "job-not-found", "There is no such training job.");
    switch (`${method} ${first === "start" ? "start" : rest.join("/")}`) {
      case "GET ":
        return { status: 200, json: job };
      case "GET events":
        return { status: 200, json: { jobId: job.jobId, events: historyOf(job) } };
      case "GET results":
        return this.results === null
          ? problem(409, "wrong-state", "Training has not ended.")
          : { status: 200, json: this.results };
      case "POST detect":
        return this.detections === null
          ? problem(409, "no-model", "No model runs.")
          : { status: 200, json: this.detections };
      case "POST start":
        return this.begin(job);
      case "POST cancel":
        return this.become(job, "CANCELLED", 202);
      case "POST retry":
        return this.become(job, "LABELLING", 202);
      case "POST model/start":
        return this.become(job, "DEPLOYING", 202);
      case "POST model/stop":
        return this.become(job, "STOPPED", 202);
      case "POST annotations":
        return {
          status: 200,
          json: { url: `${this.storage}/${job.jobId}/annotations`, method: "PUT", expiresAt: later() },
        };
      default:
        return problem(404, "route-not-found", "There is no such route.");
    }
  }

  private list(query: URLSearchParams): Reply {
    const wanted = query.get("status");
    const jobs = [...this.jobs.values()].filter((job) => wanted === null || job.status === wanted);
    const from = Number(query.get("nextToken") ?? 0);
    const to = from + Number(query.get("limit") ?? 20);
    return {
      status: 200,
      json: { jobs: jobs.slice(from, to), nextToken: to < jobs.length ? String(to) : null },
    };
  }

  private create(json: Record<string, unknown>): Reply {
    const { backend } = (json["labelling"] ?? {}) as { backend?: TrainingJob["labellingBackend"] | null };
    const job = makeJob({
      status: "CREATED",
      name: json["name"] as string | null,
      createdAt: new Date().toISOString(),
      ...(json["labels"] ? { labels: json["labels"] as string[] } : {}),
      labellingBackend: backend ?? "ground-truth",
    });
    this.add(job);
    return { status: 201, json: job };
  }

  private urls(json: Record<string, unknown>): Reply {
    const jobId = String(json["jobId"]);
    const names = json["filenames"] as string[];
    if (names.length > 1000) return problem(422, "invalid-request", "At most 1,000 names.");
    const there = (name: string) => this.stored.has(`${jobId}/${name}`);
    const url = (filename: string) => ({
      filename,
      method: "PUT",
      url: `${this.storage}/${jobId}/${encodeURIComponent(filename)}`,
      expiresAt: later(),
    });
    const refusal = (filename: string) => ({
      filename,
      code: "image-exists",
      reason: "It was uploaded.",
      sizeBytes: this.stored.get(`${jobId}/${filename}`)?.length,
    });
    return {
      status: 200,
      json: {
        urls: names.filter((name) => !there(name)).map(url),
        refused: names.filter(there).map(refusal),
      },
    };
  }

  private begin(job: TrainingJob): Reply {
    const names = this.names(job.jobId);
    if (!names.some((name) => name !== "annotations")) {
      return problem(409, "no-images", "Upload at least one image first.");
    }
    if (job.labellingBackend === "import" && !names.includes("annotations")) {
      return problem(409, "no-annotations", "Upload the annotations first.");
    }
    return this.become(job, "LABELLING", 202);
  }

  private become(job: TrainingJob, status: TrainingJob["status"], code: number): Reply {
    const changed = { ...job, status, updatedAt: new Date().toISOString() };
    this.jobs.set(job.jobId, changed);
    return { status: code, json: changed };
  }
}

function bearerOf({ headers }: Asked): string {
  return (headers.authorization ?? "").replace(/^Bearer /, "");
}

function later(): string {
  return new Date(Date.now() + 900_000).toISOString();
}

export function problem(status: number, code: string, detail: string): Reply {
  return { status, json: { type: `urn:ekyc:problem:${code}`, title: detail, status, detail } };
}

function historyOf(job: TrainingJob) {
  return ["training-job.started", "labelling.started", "labelling.completed", "model.training-started"].map(
    (type, place) => ({
      id: `event-${place}`,
      type: `ekyc.${type}.v1`,
      source: "urn:ekyc:job-api",
      time: new Date(Date.parse(job.createdAt) + place * 3_600_000).toISOString(),
      attempt: 1,
      data: { jobId: job.jobId },
    }),
  );
}
