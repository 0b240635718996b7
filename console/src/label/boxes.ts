import type { Box } from "../api/types";

/** A box under somebody's hands. */
export interface EditedBox extends Box {
  readonly id: string;
  /** Offered by a model and not touched by anybody yet. */
  readonly suggested: boolean;
}

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Fewer pixels than this a side is a slip of the hand, not a document. */
const MIN_SIDE = 4;

/** The nearest box in whole pixels inside the image; a box that is only moved keeps its size. */
export function fit(rect: Rect, image: Size): Rect {
  const left = clamp(Math.round(rect.left), 0, image.width - MIN_SIDE);
  const top = clamp(Math.round(rect.top), 0, image.height - MIN_SIDE);
  const right = clamp(Math.round(rect.left + rect.width), left + MIN_SIDE, image.width);
  const bottom = clamp(Math.round(rect.top + rect.height), top + MIN_SIDE, image.height);
  return { left, top, width: right - left, height: bottom - top };
}

/** Move a box, as far as the image goes. */
export function moved(rect: Rect, dx: number, dy: number, image: Size): Rect {
  return {
    ...rect,
    left: clamp(rect.left + dx, 0, image.width - rect.width),
    top: clamp(rect.top + dy, 0, image.height - rect.height),
  };
}

/** Move the right and the lower edge of a box. */
export function resized(rect: Rect, dx: number, dy: number, image: Size): Rect {
  return {
    ...rect,
    width: clamp(rect.width + dx, MIN_SIDE, image.width - rect.left),
    height: clamp(rect.height + dy, MIN_SIDE, image.height - rect.top),
  };
}

/** A box in the middle of what can be seen. */
export function centred(seen: Rect, image: Size): Rect {
  const width = seen.width * 0.5;
  const height = seen.height * 0.5;
  return fit(
    { left: seen.left + seen.width * 0.25, top: seen.top + seen.height * 0.25, width, height },
    image,
  );
}

export function isSameRect(one: Rect, other: Rect): boolean {
  return (
    one.left === other.left &&
    one.top === other.top &&
    one.width === other.width &&
    one.height === other.height
  );
}

export function plainBox({ label, left, top, width, height }: Box): Box {
  return { label, left, top, width, height };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
