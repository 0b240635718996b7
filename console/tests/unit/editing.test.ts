import { expect, test } from "vitest";
import { type Change, begin, edit, fromBoxes } from "../../src/label/editing";

const IMAGE = { width: 100, height: 80 };
const LABELS = ["card", "passport"];

function after(...changes: Change[]) {
  return changes.reduce(edit, begin(IMAGE, LABELS, []));
}

const drawn: Change = { type: "drawn", id: "a", rect: { left: 10.4, top: 9.6, width: 30.2, height: 20 } };

test("a drawn box has whole pixels, the current type, and is chosen", () => {
  const { boxes, selected } = after({ type: "labelled", label: "passport" }, drawn);
  expect(boxes).toEqual([
    { id: "a", label: "passport", left: 10, top: 10, width: 31, height: 20, suggested: false },
  ]);
  expect(selected).toBe("a");
});

test("a box that leaves the image is cut off at its edge", () => {
  const [box] = after({ type: "drawn", id: "a", rect: { left: -20, top: 70, width: 60, height: 60 } }).boxes;
  expect(box).toMatchObject({ left: 0, top: 70, width: 40, height: 10 });
});

test("moving stops at the edge and keeps the size; resizing keeps the corner", () => {
  const moved = after(drawn, { type: "moved", dx: 500, dy: -500, at: 0 }).boxes[0];
  expect(moved).toMatchObject({ left: 69, top: 0, width: 31, height: 20 });
  const resized = after(drawn, { type: "resized", dx: -500, dy: 500, at: 0 }).boxes[0];
  expect(resized).toMatchObject({ left: 10, top: 10, width: 4, height: 70 });
});

test("the steps of one movement are taken back together, two movements one by one", () => {
  const steps: Change[] = [0, 100, 200, 5_000].map((at) => ({ type: "moved", dx: 1, dy: 0, at }));
  const back: Change = { type: "taken back" };
  expect(after(drawn, ...steps).boxes[0]?.left).toBe(14);
  expect(after(drawn, ...steps, back).boxes[0]?.left).toBe(13);
  expect(after(drawn, ...steps, back, back).boxes[0]?.left).toBe(10);
  expect(after(drawn, ...steps, back, back, back).boxes).toEqual([]);
});

test("a deleted box comes back", () => {
  expect(after(drawn, { type: "deleted" }).boxes).toEqual([]);
  expect(after(drawn, { type: "deleted" }, { type: "taken back" }).boxes).toHaveLength(1);
});

test("an unknown type changes nothing, and typing changes the chosen box", () => {
  expect(after(drawn, { type: "labelled", label: "visa" }).boxes[0]?.label).toBe("card");
  expect(after(drawn, { type: "labelled", label: "passport" }).boxes[0]?.label).toBe("passport");
});

test("a box that a model offered is one's own once it is touched", () => {
  const offered = begin(
    IMAGE,
    LABELS,
    fromBoxes([{ label: "card", left: 1, top: 1, width: 9, height: 9 }], true),
  );
  expect(offered.boxes[0]?.suggested).toBe(true);
  const touched = edit(edit(offered, { type: "cycled", by: 1 }), { type: "moved", dx: 1, dy: 0, at: 0 });
  expect(touched.boxes[0]?.suggested).toBe(false);
});

test("cycling goes round in both directions", () => {
  const two = after(drawn, { type: "drawn", id: "b", rect: { left: 1, top: 1, width: 9, height: 9 } });
  expect(edit(two, { type: "cycled", by: 1 }).selected).toBe("a");
  expect(edit(two, { type: "cycled", by: -1 }).selected).toBe("a");
  expect(edit({ ...two, selected: null }, { type: "cycled", by: -1 }).selected).toBe("b");
});
