import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import type { Box } from "../../src/api/types";
import { listen } from "../complaints";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The Python that the local stack runs with; `make e2e-console` names the project's own. */
const PYTHON = process.env["PYTHON"] ?? join(ROOT, ".venv/bin/python");

/** Synthetic photos of documents on disk, and what is on them. */
export interface Photos {
  readonly folder: string;
  readonly names: readonly string[];
  readonly labels: readonly string[];
  readonly boxes: Readonly<Record<string, readonly Box[]>>;
}

interface Coco {
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  readonly images: readonly { readonly id: number; readonly file_name: string }[];
  readonly annotations: readonly {
    readonly image_id: number;
    readonly category_id: number;
    readonly bbox: readonly [number, number, number, number];
  }[];
}

async function python(...args: readonly string[]): Promise<void> {
  const child = spawn(PYTHON, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  const hear = (part: Buffer) => (told = (told + part.toString()).slice(-4_000));
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${String(code)}:\n${told}`);
}

export async function makePhotos(folder: string, count: number, seed: number): Promise<Photos> {
  const script =
    "import sys, pathlib; from demo.documents import make_documents; " +
    "make_documents(pathlib.Path(sys.argv[1]), count=int(sys.argv[2]), seed=int(sys.argv[3]))";
  await python("-c", script, folder, String(count), String(seed));
  const coco = JSON.parse(readFileSync(join(folder, "annotations.json"), "utf8")) as Coco;
  rmSync(join(folder, "annotations.json"));
  const labels = new Map(coco.categories.map(({ id, name }) => [id, name]));
  const boxes = coco.images.map(({ id, file_name }) => {
    const own = coco.annotations.filter(({ image_id }) => image_id === id);
    const drawn = own.map(({ category_id, bbox: [left, top, width, height] }) => {
      return { label: labels.get(category_id) ?? "", left, top, width, height };
    });
    return [file_name, drawn] as const;
  });
  const names = readdirSync(folder).sort();
  return { folder, names, labels: [...labels.values()], boxes: Object.fromEntries(boxes) };
}

/** A stack whose API takes those alone who signed in with MiniStack's Cognito. */
export interface Guarded {
  readonly console: string;
  /** The names of two people, of whom one leads the labelling, and the password of both. */
  readonly lead: string;
  readonly other: string;
  readonly otherAddress: string;
  readonly password: string;
}

/** Start a stack in a folder of its own, and stop it when it has been used. */
async function withStack(use: (folder: string, page: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "console-stack-"));
  const free = ["--port", "0", "--simulator-port", "0", "--console-port", "0"];
  try {
    await python("-m", "local", "--folder", folder, "up", ...free);
    const told = JSON.parse(readFileSync(join(folder, "stack.json"), "utf8")) as { console: string | null };
    if (told.console === null)
      throw new Error("The stack serves no page: build it first with `make console`.");
    await use(folder, told.console);
  } finally {
    await python("-m", "local", "--folder", folder, "down");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Put a sign-in before a stack, and serve the page that has it. */
async function withSignIn(folder: string, use: (guarded: Guarded) => Promise<void>): Promise<void> {
  const child = spawn(PYTHON, ["-m", "tests.console.guarded", folder], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`tests.console.guarded ended with ${String(code)}`)));
  });
  try {
    const lines = createInterface({ input: child.stdout });
    const first = new Promise<string>((resolve) => lines.once("line", resolve));
    await use(JSON.parse(await Promise.race([first, ended])) as Guarded);
  } finally {
    const gone = ended.catch(() => undefined);
    child.kill();
    await gone;
  }
}

/** A page of a whole local stack of one's own; the browser's complaints fail the test. */
export const test = base.extend<
  { complaints: string[] },
  { stack: { readonly console: string }; guarded: Guarded }
>({
  stack: [
    // Playwright finds what a fixture needs by this pattern, so that an empty one it must be.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await withStack((_, console) => use({ console }));
    },
    { scope: "worker", timeout: 300_000 },
  ],
  guarded: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await withStack((folder) => withSignIn(folder, use));
    },
    { scope: "worker", timeout: 300_000 },
  ],
  complaints: [
    async ({ page }, use) => {
      const complaints = await listen(page);
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
