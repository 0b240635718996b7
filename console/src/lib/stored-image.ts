import { Unreachable } from "../api/errors";
import { isJpeg, stepOver } from "../upload/image-head";

/** An image as a blob: of the page itself, so that it may be cropped, and without a wish to be turned. */
export interface StoredImage {
  readonly url: string;
  readonly blob: Blob;
}

/**
 * Fetch an image that is to be shown as its pixels are stored.
 *
 * Browsers turn an image as its EXIF data ask; boxes count pixels as they are stored, and models see them so.
 */
export async function loadStored(url: string, signal?: AbortSignal): Promise<StoredImage> {
  let answer: Response;
  try {
    answer = await fetch(url, { signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  }
  if (!answer.ok) throw new Error(`The image could not be loaded (${answer.status}).`);
  const type = answer.headers.get("content-type") ?? "";
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const blob = new Blob([withoutOrientation(bytes)], { type: isJpeg(bytes) ? "image/jpeg" : type });
  return { url: URL.createObjectURL(blob), blob };
}

const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
const ORIENTATION = 0x0112;
const SHORT = 3;

/** The same JPEG with the EXIF orientation set to 1 (as stored); anything else as it is. */
export function withoutOrientation(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const found = orientationOf(bytes);
  if (found === null || found.value === 1) return bytes;
  const turned = bytes.slice();
  new DataView(turned.buffer).setUint16(found.at, 1, found.littleEndian);
  return turned;
}

interface Orientation {
  readonly value: number;
  readonly at: number;
  readonly littleEndian: boolean;
}

/** Where a JPEG says how it wants to be turned; null when it does not. */
export function orientationOf(bytes: Uint8Array): Orientation | null {
  if (!isJpeg(bytes)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xda || marker === 0xd9) return null;
    const isExif = marker === 0xe1 && EXIF.every((byte, place) => bytes[at + 4 + place] === byte);
    if (isExif) return inTiff(view, at + 10);
    at += stepOver(marker, new DataView(view.buffer, view.byteOffset + at, 4));
  }
  return null;
}

/** Look into the first directory of the TIFF that begins here (TIFF 6.0, section 2). */
function inTiff(view: DataView, start: number): Orientation | null {
  const fits = (at: number, length: number) => at >= start && at + length <= view.byteLength;
  if (!fits(start, 8)) return null;
  const littleEndian = view.getUint16(start) === 0x4949;
  const directory = start + view.getUint32(start + 4, littleEndian);
  if (!fits(directory, 2)) return null;
  const entries = view.getUint16(directory, littleEndian);
  for (let entry = 0; entry < entries; entry += 1) {
    const at = directory + 2 + entry * 12;
    if (!fits(at, 12)) return null;
    const isOrientation = view.getUint16(at, littleEndian) === ORIENTATION;
    if (isOrientation && view.getUint16(at + 2, littleEndian) === SHORT) {
      return { value: view.getUint16(at + 8, littleEndian), at: at + 8, littleEndian };
    }
  }
  return null;
}
