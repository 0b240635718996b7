import { ApiError } from "../api/errors";
import type { LabellingApi } from "../api/labelling";
import type { Answer } from "../api/types";
import type { Drafts, Drawn } from "./drafts";

export interface HandingInDeps {
  readonly jobId: string;
  readonly api: Pick<LabellingApi, "submit">;
  readonly drafts: Drafts;
}

export const LOST =
  "This image was given to somebody else, because nothing was heard of it for a while. Here is another.";
const OVER =
  "Your last answer came too late: that labelling is over. What you drew is kept on this device for two weeks.";

/** Give the server an answer; what to tell the person when it is not wanted any more, else null. */
export async function handIn(deps: HandingInDeps, drawn: Drawn, answer: Answer): Promise<string | null> {
  const { jobId, api, drafts } = deps;
  try {
    await api.submit(jobId, drawn, answer);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "labelling-over") {
      // Another attempt may ask for the same photo.
      drafts.withhold(jobId, drawn.filename);
      return OVER;
    }
    if (error.status !== 404 && error.code !== "lease-lost") throw error;
    drafts.drop(jobId, drawn.filename);
    return LOST;
  }
  drafts.drop(jobId, drawn.filename);
  return null;
}

/** Hand in what this person could not before, each answer for the attempt that it belongs to. */
export async function handInUnsent(deps: HandingInDeps): Promise<void> {
  const { jobId, drafts } = deps;
  for (const unsent of drafts.unsent(jobId)) {
    try {
      await handIn(deps, unsent, unsent.answer);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 422)) throw error;
      // It will never be taken as it is; the person sees it when the image comes again.
      drafts.withhold(jobId, unsent.filename);
    }
  }
}
