/** What a key means on the labelling page. */
export type Command =
  | { readonly do: "label"; readonly place: number }
  | { readonly do: "move" | "resize"; readonly dx: number; readonly dy: number }
  | { readonly do: "cycle"; readonly by: 1 | -1 }
  | { readonly do: "zoom"; readonly factor: number }
  | {
      readonly do:
        | "new"
        | "delete"
        | "take back"
        | "let go"
        | "submit"
        | "no document"
        | "cannot tell"
        | "previous"
        | "fit"
        | "help";
    };

export interface Pressed {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

const STEP = 10;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const PLAIN: Readonly<Record<string, Command>> = {
  n: { do: "new" },
  Insert: { do: "new" },
  Delete: { do: "delete" },
  Backspace: { do: "delete" },
  Escape: { do: "let go" },
  Enter: { do: "submit" },
  x: { do: "no document" },
  c: { do: "cannot tell" },
  p: { do: "previous" },
  "+": { do: "zoom", factor: 1.25 },
  "=": { do: "zoom", factor: 1.25 },
  "-": { do: "zoom", factor: 0.8 },
  "0": { do: "fit" },
  "?": { do: "help" },
};

/** The command of a key; null for a key that means nothing here. Steps are in pixels of the image. */
export function commandOf(pressed: Pressed): Command | null {
  const { key, shiftKey, altKey } = pressed;
  if (pressed.ctrlKey || pressed.metaKey) {
    return key.toLowerCase() === "z" && !shiftKey ? { do: "take back" } : null;
  }
  const arrow = ARROWS[key];
  if (arrow !== undefined) {
    const step = altKey ? 1 : STEP;
    return { do: shiftKey ? "resize" : "move", dx: arrow[0] * step, dy: arrow[1] * step };
  }
  if (altKey) return null;
  if (/^[1-9]$/.test(key)) return { do: "label", place: Number(key) - 1 };
  if (key.toLowerCase() === "b") return { do: "cycle", by: shiftKey ? -1 : 1 };
  return PLAIN[key.length === 1 ? key.toLowerCase() : key] ?? null;
}

const HANDING_IN: readonly Command["do"][] = ["submit", "no document", "cannot tell", "previous"];

/** Whether a command is meant once for each press of its key: a key held down must not answer image after image. */
export function isOncePerPress(command: Command): boolean {
  return HANDING_IN.includes(command.do);
}

/** The keys, for people. */
export const KEYS: readonly (readonly [string, string])[] = [
  ["1 – 9", "type of the chosen box, or of the next one"],
  ["N", "new box in the middle of what you see"],
  ["B, Shift B", "next box, box before"],
  ["Arrows", "move the box by 10 pixels; with Alt by one"],
  ["Shift Arrows", "move its right or lower edge; with Alt by one"],
  ["Delete", "delete the box"],
  ["Ctrl Z", "take back the last change"],
  ["Enter", "save, and the next image"],
  ["X", "no document here"],
  ["C", "cannot tell"],
  ["P", "previous image: takes your last answer back"],
  ["+  −  0", "zoom in, out, all of the image"],
  ["Space and drag", "move about; also the middle button, or two fingers"],
];
