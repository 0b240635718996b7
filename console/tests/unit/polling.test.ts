import { expect, test } from "vitest";
import { nextLook } from "../../src/lib/polling";

test("failures and a hidden page make the looks rarer, up to five minutes", () => {
  expect(nextLook(3_000, 0, false)).toBe(3_000);
  expect(nextLook(3_000, 2, false)).toBe(12_000);
  expect(nextLook(3_000, 0, true)).toBe(30_000);
  expect(nextLook(15_000, 9, true)).toBe(300_000);
});
