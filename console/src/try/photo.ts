import { checkImage, readerOf } from "../upload/image-head";
import { orientationOf, withoutOrientation } from "../lib/stored-image";

/** A photo as the model is to see it. */
export interface Photo {
  readonly blob: Blob;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** What was done to it on the way, for the person to know; null when nothing. */
  readonly changed: string | null;
}

/** What the API takes: 4 MB before base64, 4096 pixels a side. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_SIDE = 4096;
const QUALITIES = [0.92, 0.8, 0.65];

/**
 * Make a photo ready to be looked at.
 *
 * It goes off byte for byte where it can, for that is what the model will get later, too. One that is stored
 * turned is turned upright, and one that is too large is made smaller.
 */
export async function preparePhoto(file: File): Promise<Photo> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const checked = await checkImage(file.size, readerOf(file));
  const turned = (orientationOf(bytes)?.value ?? 1) !== 1;
  if (checked.refused === undefined && file.size <= MAX_BYTES && !turned) {
    return { blob: file, name: file.name, width: checked.width, height: checked.height, changed: null };
  }
  return redrawn(file, turned, turned ? "The photo was turned upright." : "The photo was made smaller.");
}

async function redrawn(file: File, turned: boolean, changed: string): Promise<Photo> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error("This file cannot be shown as an image. Choose a JPEG or PNG photo.");
  }
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.round(bitmap.width * scale);
  const height = Math.round(bitmap.height * scale);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  for (const quality of QUALITIES) {
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    const told = scale < 1 && turned ? `${changed} It was also made smaller.` : changed;
    if (blob.size <= MAX_BYTES) return { blob, name: file.name, width, height, changed: told };
  }
  throw new Error("The photo is too large: make it smaller than 4 MB.");
}

/** Base64 of a blob, for a JSON body. */
export async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(parts.join(""));
}

/** The part of a photo inside a box, as a PNG. */
export async function cropOf(
  photo: Photo,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Promise<Blob> {
  const bytes = new Uint8Array(await photo.blob.arrayBuffer());
  const stored = new Blob([withoutOrientation(bytes)], { type: photo.blob.type });
  const bitmap = await createImageBitmap(stored, box.left, box.top, box.width, box.height);
  const canvas = new OffscreenCanvas(box.width, box.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/png" });
}

/** A file name for a crop: `photo.jpg`, 1, `passport` → `photo-1-passport.png`. */
export function cropName(name: string, place: number, label: string): string {
  const stem = name.replace(/\.[A-Za-z0-9]+$/, "");
  return `${stem}-${place}-${label.replaceAll(/[^A-Za-z0-9_-]+/g, "_")}.png`;
}
