import type { Box, ScoredBox } from "../api/types";

/** From this overlap on, a predicted box counts as the true one; as job-api counts. */
export const MIN_OVERLAP = 0.5;

export interface Judged {
  readonly predictions: readonly { readonly box: ScoredBox; readonly right: boolean }[];
  readonly truth: readonly { readonly box: Box; readonly found: boolean }[];
}

/** How much two boxes have in common: their intersection as a share of their union. */
export function overlap(one: Box, other: Box): number {
  const width = Math.min(one.left + one.width, other.left + other.width) - Math.max(one.left, other.left);
  const height = Math.min(one.top + one.height, other.top + other.height) - Math.max(one.top, other.top);
  if (width <= 0 || height <= 0) return 0;
  const common = width * height;
  return common / (one.width * one.height + other.width * other.height - common);
}

/** Say which predictions are right and which true boxes were found; the surest prediction takes first. */
export function judge(truth: readonly Box[], predictions: readonly ScoredBox[]): Judged {
  const open = new Set(truth);
  const judged = predictions
    .toSorted((one, other) => other.confidence - one.confidence)
    .map((box) => {
      const same = [...open].filter((one) => one.label === box.label && overlap(one, box) >= MIN_OVERLAP);
      const [best] = same.sort((one, other) => overlap(other, box) - overlap(one, box));
      if (best !== undefined) open.delete(best);
      return { box, right: best !== undefined };
    });
  return { predictions: judged, truth: truth.map((box) => ({ box, found: !open.has(box) })) };
}
