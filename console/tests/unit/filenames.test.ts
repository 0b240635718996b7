import { expect, test } from "vitest";
import { cleanName, isClutter, whyNameRefused } from "../../src/upload/filenames";

test.each(["a.jpg", "A b-c_1.JPEG", "scan 01.png", "-x.Png"])("%s is taken", (name) => {
  expect(whyNameRefused(name)).toBeNull();
});

test.each(["", ".hidden.jpg", " a.jpg", "é.jpg", "a(1).jpg", "a.gif", "jpg", `${"a".repeat(200)}.jpg`])(
  "%s is refused with a reason",
  (name) => {
    expect(whyNameRefused(name)).toMatch(/\.$/);
  },
);

test.each([
  ["photos/Führerschein (1).jpg", "Fuhrerschein -1-.jpg"],
  ["..hidden.png", "hidden.png"],
  ["写真.jpg", "image.jpg"],
])("%s can be added as %s", (path, name) => {
  const cleaned = cleanName(path, () => false);
  expect(cleaned).toBe(name);
  expect(whyNameRefused(cleaned ?? "")).toBeNull();
});

test("a taken name takes the folder in, and then a number", () => {
  const taken = new Set(["a.jpg"]);
  expect(cleanName("north/a.jpg", (name) => taken.has(name))).toBe("north_a.jpg");
  taken.add("north_a.jpg");
  expect(cleanName("north/a.jpg", (name) => taken.has(name))).toBe("north_a-2.jpg");
});

test("no new name makes a text an image", () => {
  expect(cleanName("notes.txt", () => false)).toBeNull();
});

test("the system's own files are passed over", () => {
  expect([".DS_Store", "x/Thumbs.db", "x/._a.jpg", "x/a.jpg"].map(isClutter)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
