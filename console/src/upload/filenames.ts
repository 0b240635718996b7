/** Which file names the API takes; the same rules and words as contracts/filenames.py. */

const MAX_FILENAME = 200;
const PATTERN = /^[A-Za-z0-9_-][A-Za-z0-9._ -]*\.(jpe?g|png)$/i;

/** What is wrong with a file name, in words for its user; null when it is fine. */
export function whyNameRefused(name: string): string | null {
  if (name === "") return "The file name is empty.";
  if (name.length > MAX_FILENAME) {
    return `The file name has ${name.length} characters; at most ${MAX_FILENAME} are allowed.`;
  }
  if (!/^[A-Za-z0-9._ -]+$/.test(name)) {
    return "The file name may hold unaccented letters, digits, spaces and . _ - only.";
  }
  if (name.startsWith(".") || name.startsWith(" "))
    return "The file name must not begin with a dot or a space.";
  if (!PATTERN.test(name)) return "The file name must end in .jpg, .jpeg or .png.";
  return null;
}

/** Whether a file is one of the operating system's own, which nobody means when they drop a folder. */
export function isClutter(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.startsWith("._") || name === ".DS_Store" || name === "Thumbs.db" || name === "desktop.ini";
}

/**
 * A name near this path that the API takes and that is not taken yet; null when no renaming helps.
 *
 * The folders become a part of the name only where the name alone is taken.
 */
export function cleanName(path: string, taken: (name: string) => boolean): string | null {
  const parts = path.split("/").filter((part) => part !== "");
  for (let from = parts.length - 1; from >= 0; from -= 1) {
    const name = clean(parts.slice(from).join("_"));
    if (name !== null && !taken(name)) return name;
  }
  const whole = clean(parts.join("_"));
  for (let number = 2; whole !== null && number < 1000; number += 1) {
    const numbered = whole.replace(/(\.[A-Za-z]+)$/, `-${number}$1`);
    if (!taken(numbered)) return numbered;
  }
  return null;
}

function clean(name: string): string | null {
  const ending = /\.(jpe?g|png)$/i.exec(name)?.[0];
  if (ending === undefined) return null;
  const stem = name
    .slice(0, -ending.length)
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .replaceAll(/[^A-Za-z0-9._ -]+/g, "-")
    .replace(/^[. ]+/, "")
    .slice(-(MAX_FILENAME - ending.length));
  return `${/[A-Za-z0-9]/.test(stem) ? stem.replace(/^[. ]+/, "") : "image"}${ending}`;
}
