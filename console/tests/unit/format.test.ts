import { expect, test } from "vitest";
import { bytes, counted, duration, share } from "../../src/lib/format";

const MINUTE = 60_000;

test.each([
  [0, "0 s"],
  [59_999, "59 s"],
  [MINUTE, "1 min"],
  [90_000, "1 min 30 s"],
  [11 * MINUTE + 5_000, "11 min"],
  [60 * MINUTE, "1 h"],
  [13.6 * 60 * MINUTE, "13 h"],
  [30 * 60 * MINUTE, "1 d 6 h"],
  [-5, "0 s"],
])("%d ms is told as %s", (milliseconds, told) => {
  expect(duration(milliseconds)).toBe(told);
});

test("numbers are told with their nouns", () => {
  expect(counted(1, "image")).toBe("1 image");
  expect(counted(1204, "image")).toBe("1,204 images");
  expect(share(null)).toBe("–");
  expect(share(0.9471)).toBe("0.947");
  expect(bytes(2_345_678)).toBe("2.3 MB");
});
