import { expect, test } from "vitest";
import { type Read, checkImage } from "../../src/upload/image-head";
import { orientationOf, withoutOrientation } from "../../src/lib/stored-image";
import { cardPng } from "../fake/images";

function reading(bytes: Uint8Array): { read: Read; asked: number[] } {
  const asked: number[] = [];
  const read: Read = (offset, length) => {
    asked.push(length);
    return Promise.resolve(bytes.subarray(offset, offset + length));
  };
  return { read, asked };
}

function check(bytes: Uint8Array, size = bytes.length) {
  return checkImage(size, reading(bytes).read);
}

function segment(marker: number, body: Uint8Array | number[]): number[] {
  const length = body.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...body];
}

function frame(width: number, height: number): number[] {
  return segment(0xc2, [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3, 0, 0, 0]);
}

function jpeg(...segments: number[][]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0xff, 0xd8, ...segments.flat(), 0xff, 0xda, 0, 2]);
}

/** An EXIF segment whose only entry is the orientation. */
function exif(orientation: number, littleEndian: boolean): number[] {
  const tiff = littleEndian
    ? [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]
    : [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  return segment(0xe1, [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff]);
}

test("the size of a PNG is read from its header", async () => {
  const png = cardPng(96, 72, { left: 1, top: 1, width: 9, height: 9 });
  expect(await check(png)).toEqual({ width: 96, height: 72 });
});

test("the size of a JPEG is read behind its metadata, fill bytes included", async () => {
  expect(await check(jpeg(segment(0xe0, [1, 2, 3]), [0xff], frame(800, 600)))).toEqual({
    width: 800,
    height: 600,
  });
});

test("metadata longer than the first read are stepped over, not read", async () => {
  const metadata = Array.from({ length: 4 }, () => segment(0xe2, new Uint8Array(60_000)));
  const { read, asked } = reading(jpeg(...metadata, frame(640, 480)));
  expect(await checkImage(300_000, read)).toEqual({ width: 640, height: 480 });
  expect(asked.length).toBeLessThanOrEqual(3);
});

test.each([
  [63, 200, "at least 64"],
  [4097, 200, "make it smaller"],
  [4000, 190, "20 times"],
  [0, 200, "damaged"],
])("%d × %d pixels are refused", async (width, height, reason) => {
  expect((await check(jpeg(frame(width, height)))).refused).toContain(reason);
});

test.each([
  ["%PDF-1.7", "a PDF"],
  ["GIF89a", "a GIF"],
  ["RIFF....WEBPVP8 ", "WebP"],
  ["\0\0\0\x18ftypheic", "HEIC"],
  ["hello", "not an image"],
])("what begins with %s is named", async (head, name) => {
  expect((await check(new TextEncoder().encode(head))).refused).toContain(name);
});

test("a file that is cut off, empty or too large is refused", async () => {
  expect((await check(jpeg(frame(640, 480)).subarray(0, 8))).refused).toContain("damaged");
  expect((await check(new Uint8Array(), 0)).refused).toContain("empty");
  expect((await check(jpeg(frame(640, 480)), 16_000_000)).refused).toContain("15.3 MB");
});

test.each([true, false])(
  "the wish to be turned is found and taken away (little endian: %s)",
  (littleEndian) => {
    const turned = jpeg(segment(0xe0, [0]), exif(6, littleEndian), frame(640, 480));
    expect(orientationOf(turned)?.value).toBe(6);
    const stored = withoutOrientation(turned);
    expect(orientationOf(stored)?.value).toBe(1);
    expect(stored.length).toBe(turned.length);
    expect(orientationOf(turned)?.value).toBe(6);
  },
);

test("a broken EXIF segment is left alone", () => {
  const broken = jpeg(segment(0xe1, [0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 42, 0, 255, 255, 255, 255]));
  expect(withoutOrientation(broken)).toBe(broken);
});
