import type { Problem } from "./types";

/** The API refused a request and said why (RFC 9457). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** The stable part of the problem's type: `wrong-state`, for example. */
  readonly code: string;
  readonly fields: readonly { field: string; message: string }[];

  constructor(status: number, problem: Partial<Problem> | null) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = (problem?.type ?? "").replace(/^urn:ekyc:problem:/, "");
    this.fields = problem?.errors ?? [];
  }
}

/** No answer came: no network, or no server. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor() {
    super("The server cannot be reached. Check the connection; the page goes on by itself.");
  }
}

/** The sign-in is over; the person must sign in again. */
export class SignedOut extends Error {
  override readonly name = "SignedOut";

  constructor() {
    super("Your session has ended. Sign in again to go on; nothing is lost.");
  }
}

/** What to tell a person about whatever was thrown. */
export function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a labelling answers that it has not begun: its images are still being checked. */
export function isNotBegun(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "job-not-found" || error.code === "wrong-state");
}

/** Whether the same request may well succeed a little later. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof ApiError && (error.status >= 500 || error.status === 429))
  );
}
