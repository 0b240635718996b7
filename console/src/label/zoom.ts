import type { Rect, Size } from "./boxes";

/** Pixels of the screen for each pixel of the image. */
export const MAX_SCALE = 8;

/** The scale at which all of an image is seen. */
export function fitting(image: Size, room: Size): number {
  if (room.width <= 0 || room.height <= 0) return 1;
  return Math.min(room.width / image.width, room.height / image.height, MAX_SCALE);
}

export function zoomed(scale: number, factor: number, fit: number): number {
  return Math.max(Math.min(fit, 1), Math.min(MAX_SCALE, scale * factor));
}

/** Where to scroll to, so that what is under a point of the window stays there while the scale changes. */
export function scrollFor(scroll: number, point: number, before: number, after: number): number {
  return ((scroll + point) * after) / before - point;
}

/** Which part of the image is seen. */
export function seenOf(scroll: { left: number; top: number }, room: Size, scale: number, image: Size): Rect {
  const left = Math.max(0, scroll.left / scale);
  const top = Math.max(0, scroll.top / scale);
  return {
    left,
    top,
    width: Math.min(image.width - left, room.width / scale),
    height: Math.min(image.height - top, room.height / scale),
  };
}
