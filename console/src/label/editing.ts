import type { Box } from "../api/types";
import { type EditedBox, type Rect, type Size, centred, fit, isSameRect, moved, resized } from "./boxes";

/** What is drawn on one image, what is chosen, and what can be taken back. */
export interface Editing {
  readonly image: Size;
  readonly labels: readonly string[];
  readonly boxes: readonly EditedBox[];
  readonly selected: string | null;
  /** The type that the next box gets. */
  readonly label: string;
  readonly past: readonly (readonly EditedBox[])[];
  readonly last: { readonly what: string; readonly at: number } | null;
}

export type Change =
  | { readonly type: "drawn"; readonly id: string; readonly rect: Rect }
  | { readonly type: "dragged"; readonly id: string; readonly rect: Rect; readonly at: number }
  | { readonly type: "added"; readonly id: string; readonly seen: Rect }
  | { readonly type: "moved" | "resized"; readonly dx: number; readonly dy: number; readonly at: number }
  | { readonly type: "labelled"; readonly label: string }
  | { readonly type: "selected"; readonly id: string | null }
  | { readonly type: "cycled"; readonly by: 1 | -1 }
  | { readonly type: "deleted" }
  | { readonly type: "taken back" };

const MAX_PAST = 100;
/** Steps of one hand movement lie closer together than this, and are taken back as one. */
const ONE_MOVEMENT_MS = 700;

export function begin(
  image: Size,
  labels: readonly string[],
  boxes: readonly EditedBox[],
  label?: string,
): Editing {
  const known = label !== undefined && labels.includes(label) ? label : (labels[0] ?? "");
  return { image, labels, boxes, selected: null, label: known, past: [], last: null };
}

export function fromBoxes(boxes: readonly Box[], suggested: boolean): EditedBox[] {
  return boxes.map((box, place) => ({ ...box, id: `box-${place}`, suggested }));
}

export function edit(now: Editing, change: Change): Editing {
  const chosen = now.boxes.find((box) => box.id === now.selected);
  switch (change.type) {
    case "drawn":
      return withNew(now, change.id, fit(change.rect, now.image));
    case "added":
      return withNew(now, change.id, centred(change.seen, now.image));
    case "dragged":
      return withRect(now, change.id, fit(change.rect, now.image), "dragged", change.at);
    case "moved":
    case "resized": {
      if (chosen === undefined) return now;
      const rect = (change.type === "moved" ? moved : resized)(chosen, change.dx, change.dy, now.image);
      return withRect(now, chosen.id, rect, change.type, change.at);
    }
    case "labelled":
      return labelled(now, chosen, change.label);
    case "selected":
      return { ...now, selected: change.id, last: null };
    case "cycled":
      return cycled(now, change.by);
    case "deleted": {
      if (chosen === undefined) return now;
      const rest = now.boxes.filter((box) => box !== chosen);
      return { ...remember(now), boxes: rest, selected: null };
    }
    case "taken back": {
      const before = now.past.at(-1);
      if (before === undefined) return now;
      const there = before.some((box) => box.id === now.selected);
      return {
        ...now,
        boxes: before,
        selected: there ? now.selected : null,
        past: now.past.slice(0, -1),
        last: null,
      };
    }
  }
}

function withNew(now: Editing, id: string, rect: Rect): Editing {
  const box: EditedBox = { ...rect, id, label: now.label, suggested: false };
  return { ...remember(now), boxes: [...now.boxes, box], selected: id };
}

function withRect(now: Editing, id: string, rect: Rect, what: string, at: number): Editing {
  const before = now.boxes.find((box) => box.id === id);
  if (before === undefined || isSameRect(before, rect)) return now;
  const boxes = now.boxes.map((box) => (box.id === id ? { ...box, ...rect, suggested: false } : box));
  const named = `${what} ${id}`;
  const goesOn = now.last?.what === named && at - now.last.at < ONE_MOVEMENT_MS;
  return { ...(goesOn ? now : remember(now)), boxes, last: { what: named, at } };
}

function labelled(now: Editing, chosen: EditedBox | undefined, label: string): Editing {
  if (!now.labels.includes(label)) return now;
  if (chosen === undefined || chosen.label === label) return { ...now, label };
  const boxes = now.boxes.map((box) => (box === chosen ? { ...box, label, suggested: false } : box));
  return { ...remember(now), boxes, label };
}

function cycled(now: Editing, by: 1 | -1): Editing {
  if (now.boxes.length === 0) return now;
  const place = now.boxes.findIndex((box) => box.id === now.selected);
  const next =
    place < 0 ? (by > 0 ? 0 : now.boxes.length - 1) : (place + by + now.boxes.length) % now.boxes.length;
  return { ...now, selected: now.boxes[next]?.id ?? null, last: null };
}

function remember(now: Editing): Editing {
  return { ...now, past: [...now.past, now.boxes].slice(-MAX_PAST), last: null };
}
