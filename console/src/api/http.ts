import { ApiError, SignedOut, Unreachable } from "./errors";
import type { Problem } from "./types";

/** Who asks: headers for a request, and a chance to renew them when the server no longer accepts them. */
export interface Identity {
  headers(): Promise<Record<string, string>>;
  /** Try to get accepted again after these headers were refused; false when the person has to sign in. */
  renew(refused: Record<string, string>): Promise<boolean>;
}

export interface RequestOptions {
  readonly query?: Record<string, string | number | null | undefined>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
}

export type Send = <T>(method: "GET" | "POST" | "PUT", path: string, options?: RequestOptions) => Promise<T>;

/**
 * Make the function that every call to the API goes through.
 *
 * It throws ApiError for a refusal, Unreachable when no answer comes, SignedOut (and tells) when the session
 * is over, and gives undefined for an answer without a body.
 */
export function makeSend(
  identity: Identity,
  onSignedOut: () => void,
  fetchFrom: typeof fetch = (...given) => fetch(...given),
): Send {
  const once = async (
    method: string,
    path: string,
    options: RequestOptions,
    identified: Record<string, string>,
  ): Promise<Response> => {
    const headers: Record<string, string> = { accept: "application/json", ...identified, ...options.headers };
    const init: RequestInit = { method, headers, signal: options.signal ?? null };
    if (options.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(options.body);
    }
    try {
      return await fetchFrom(path + queryString(options.query ?? {}), init);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Unreachable();
    }
  };

  return async <T>(method: string, path: string, options: RequestOptions = {}) => {
    const identified = await identity.headers();
    let answer = await once(method, path, options, identified);
    if (answer.status === 401) {
      if (await identity.renew(identified)) {
        answer = await once(method, path, options, await identity.headers());
      }
      if (answer.status === 401) {
        onSignedOut();
        throw new SignedOut();
      }
    }
    if (!answer.ok) throw new ApiError(answer.status, await problemOf(answer));
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  };
}

function queryString(query: Record<string, string | number | null | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

async function problemOf(answer: Response): Promise<Partial<Problem> | null> {
  if (!(answer.headers.get("content-type") ?? "").includes("json")) return null;
  try {
    const told = (await answer.json()) as Partial<Problem> & { message?: string };
    // API Gateway's own refusals have nothing but a message.
    return told.detail === undefined && told.message !== undefined ? { detail: told.message } : told;
  } catch {
    return null;
  }
}
