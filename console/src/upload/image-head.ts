/**
 * What the first bytes of a file say: whether Custom Labels can use it as an image, and its size in pixels.
 *
 * The same rules as services/labelling/image_head.py, which has the last word: JPEG or PNG by content, at most
 * 15 MB, 64 to 4096 pixels a side, at most 20 times as long as wide. Nothing is decoded.
 */

const FIRST_READ = 64 * 1024;
const FURTHER_READ = 256 * 1024;
const MAX_BYTES = 15 * 1024 * 1024;
const MIN_SIDE = 64;
const MAX_SIDE = 4096;
const MAX_ASPECT = 20;
const MAX_SEGMENTS = 4096;
/** Marker, length, precision, height, width (ITU-T T.81, B.2.2). */
const FRAME_HEADER = 9;

export type Checked =
  | { readonly width: number; readonly height: number; readonly refused?: undefined }
  | { readonly refused: string };

/** Read up to so many bytes of the file from an offset on. */
export type Read = (offset: number, length: number) => Promise<Uint8Array>;

export function readerOf(file: Blob): Read {
  return async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
}

export async function checkImage(size: number, read: Read): Promise<Checked> {
  if (size === 0) return { refused: "The file is empty." };
  if (size > MAX_BYTES) {
    return { refused: `The file has ${(size / 1024 / 1024).toFixed(1)} MB; images may have up to 15 MB.` };
  }
  const head = await read(0, FIRST_READ);
  const sides = isPng(head) ? pngSides(head) : isJpeg(head) ? await jpegSides(head, size, read) : undefined;
  if (sides === undefined)
    return { refused: `The file is ${formatOf(head)}; only JPEG and PNG images can be used.` };
  if (typeof sides === "string") return { refused: `The file is damaged: ${sides}.` };
  return checkSides(...sides);
}

type Sides = readonly [width: number, height: number];

function checkSides(width: number, height: number): Checked {
  const shorter = Math.min(width, height);
  const longer = Math.max(width, height);
  const measured = `The image is ${width} × ${height} pixels`;
  if (shorter === 0) return { refused: "The file is damaged: its header gives no width or no height." };
  if (shorter < MIN_SIDE) return { refused: `${measured}; each side must have at least ${MIN_SIDE}.` };
  if (longer > MAX_SIDE)
    return { refused: `${measured}; no side may have more than ${MAX_SIDE}: make it smaller.` };
  if (longer > MAX_ASPECT * shorter) {
    return { refused: `${measured}; the longer side may be at most ${MAX_ASPECT} times the shorter one.` };
  }
  return { width, height };
}

function startsWith(bytes: Uint8Array, ...start: number[]): boolean {
  return start.every((byte, place) => bytes[place] === byte);
}

export function isJpeg(head: Uint8Array): boolean {
  return startsWith(head, 0xff, 0xd8, 0xff);
}

function isPng(head: Uint8Array): boolean {
  return startsWith(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
}

function pngSides(head: Uint8Array): Sides | string {
  if (head.length < 24) return "it ends before the PNG header does";
  if (text(head, 12, 16) !== "IHDR") return "its PNG header is missing";
  const view = viewOf(head);
  return [view.getUint32(16), view.getUint32(20)];
}

async function jpegSides(head: Uint8Array, size: number, read: Read): Promise<Sides | string> {
  let window = head;
  let start = 0;
  let at = 2;
  for (let segment = 0; segment < MAX_SEGMENTS; segment += 1) {
    if (at + FRAME_HEADER > start + window.length && at + FRAME_HEADER <= size) {
      window = await read(at, FURTHER_READ);
      start = at;
    }
    const here = window.subarray(at - start, at - start + FRAME_HEADER);
    if (here.length < FRAME_HEADER) return "it ends before the JPEG says how large the image is";
    const marker = here[1] ?? 0;
    if (here[0] !== 0xff || marker === 0xd9 || marker === 0xda) break;
    const view = viewOf(here);
    if (isFrame(marker)) return [view.getUint16(7), view.getUint16(5)];
    at += stepOver(marker, view);
  }
  return "its JPEG header cannot be read";
}

function isFrame(marker: number): boolean {
  // 0xC4, 0xC8 and 0xCC are tables and an extension.
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** How far the next segment is; any number of fill bytes may stand before a marker (ITU-T T.81, B.1.1.2). */
export function stepOver(marker: number, segment: DataView): number {
  if (marker === 0xff) return 1;
  if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) return 2;
  return 2 + Math.max(2, segment.getUint16(2));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

const OTHER_FORMATS: readonly (readonly [string, string])[] = [
  ["%PDF", "a PDF document"],
  ["GIF8", "a GIF image"],
  ["BM", "a BMP image"],
  ["II*\0", "a TIFF image"],
  ["MM\0*", "a TIFF image"],
  ["PK\x03\x04", "a ZIP archive"],
];

function formatOf(head: Uint8Array): string {
  const brand = text(head, 4, 12);
  if (/^ftyp(hei[cxm]|hevc|mif1|msf1)$/.test(brand)) return "a HEIC image, as phones take them";
  if (brand === "ftypavif") return "an AVIF image";
  if (text(head, 0, 4) === "RIFF" && text(head, 8, 12) === "WEBP") return "a WebP image";
  return OTHER_FORMATS.find(([start]) => text(head, 0, start.length) === start)?.[1] ?? "not an image";
}
