import type { Box } from "./types";

export type { Box };

export interface Answer {
  readonly kind: "boxes" | "no-document" | "cannot-tell";
  readonly boxes: readonly Box[];
}

export interface LabellingTask {
  readonly taskId: string;
  readonly filename: string;
  readonly imageUrl: string;
  readonly width: number;
  readonly height: number;
  readonly labels: readonly string[];
  readonly leaseExpiresAt: string;
  readonly suggestions: readonly Box[];
  readonly answer?: Answer | null;
}

export interface LabellingJob {
  readonly jobId: string;
  readonly labels: readonly string[];
  readonly images: number;
  readonly done: number;
  readonly mine: number;
  readonly workersPerImage: number;
  readonly isLead: boolean;
  readonly name?: string | null;
}

export interface LabellingProgress {
  readonly jobId: string;
  readonly labels: readonly string[];
  readonly state: "preparing" | "open" | "closing" | "over";
  readonly images: number;
  readonly done: number;
  readonly leased: number;
  readonly open: number;
  readonly answers: number;
  readonly people: readonly { readonly worker: string; readonly answers: number }[];
  readonly workersPerImage: number;
  readonly isLead: boolean;
}

export interface TaskSummary {
  readonly taskId: string;
  readonly filename: string;
  readonly state: "open" | "assigned" | "leased" | "done";
  readonly worker?: string | null;
  readonly answers: number;
  readonly answeredBy: readonly string[];
}

export interface TaskPage {
  readonly tasks: readonly TaskSummary[];
  readonly nextToken?: string | null;
}
