import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeAll, expect, test, vi } from "vitest";
import { ApiError, Unreachable } from "../../src/api/errors";
import { IndexedLedger } from "../../src/upload/ledger";
import { PutRefused } from "../../src/upload/put";
import { Uploader, type UploaderDeps } from "../../src/upload/uploader";

beforeAll(() => {
  globalThis.IDBKeyRange = IDBKeyRange;
});

function file(name: string, size = 10): File {
  return new File([new Uint8Array(size)], name, { lastModified: 1 });
}

function picked(...names: string[]) {
  return names.map((name) => ({ file: file(name.slice(name.lastIndexOf("/") + 1)), path: name }));
}

function urlsOf(names: readonly string[], expiresAt = new Date(Date.now() + 900_000).toISOString()) {
  const urls = names.map((filename) => ({
    filename,
    url: `put:${filename}`,
    method: "PUT" as const,
    expiresAt,
  }));
  return Promise.resolve({ urls, refused: [] });
}

function makeUploader(changes: Partial<UploaderDeps> = {}) {
  const stored: string[] = [];
  const asked: number[] = [];
  const ledger = new IndexedLedger(new IDBFactory());
  const uploader = new Uploader({
    jobId: "job",
    urls: (names) => {
      asked.push(names.length);
      return urlsOf(names);
    },
    put: (url) => {
      stored.push(url.slice(4));
      return Promise.resolve();
    },
    check: () => Promise.resolve({ width: 100, height: 100 }),
    ledger,
    now: () => Date.now(),
    online: () => true,
    ...changes,
  });
  return { uploader, stored, asked, ledger };
}

/** A busy machine may take its time; nothing waits longer than it has to. */
const PATIENT = { timeout: 10_000 };

async function settled(uploader: Uploader) {
  await vi.waitFor(() => expect(uploader.busy).toBe(false), PATIENT);
}

test("thousands of files are uploaded, and their URLs asked for in few requests", async () => {
  const { uploader, stored, asked } = makeUploader();
  uploader.add(picked(...Array.from({ length: 2500 }, (_, number) => `f/${number}.jpg`)));
  await settled(uploader);
  expect(uploader.count("done")).toBe(2500);
  expect(new Set(stored).size).toBe(2500);
  expect(Math.max(...asked)).toBeLessThanOrEqual(1000);
});

test("what was uploaded before is not uploaded again when the folder is dropped again", async () => {
  const first = makeUploader();
  first.uploader.add(picked("a.jpg", "b.jpg"));
  await settled(first.uploader);
  await vi.waitFor(async () => expect((await first.ledger.load("job")).size).toBe(2), PATIENT);
  const second = makeUploader({ ledger: first.ledger });
  second.uploader.add(picked("a.jpg", "b.jpg", "c.jpg"));
  await settled(second.uploader);
  expect(second.stored).toEqual(["c.jpg"]);
  expect(second.uploader.count("done")).toBe(3);
});

test("another image under a name that was uploaded is refused", async () => {
  const first = makeUploader();
  first.uploader.add(picked("a.jpg"));
  await settled(first.uploader);
  await vi.waitFor(async () => expect((await first.ledger.load("job")).size).toBe(1), PATIENT);
  const second = makeUploader({ ledger: first.ledger });
  second.uploader.add([{ file: file("a.jpg", 99), path: "a.jpg" }]);
  await settled(second.uploader);
  expect(second.uploader.items[0]?.reason).toContain("Another image of this name is there already");
  second.uploader.rename();
  await settled(second.uploader);
  expect(second.stored).toEqual(["a-2.jpg"]);
});

test("files of one name in two folders: one is uploaded, the other can be under another name", async () => {
  const { uploader, stored } = makeUploader();
  uploader.add(picked("x/a.jpg", "y/a.jpg"));
  await settled(uploader);
  expect(uploader.count("refused")).toBe(1);
  uploader.rename();
  await settled(uploader);
  expect(stored).toEqual(["a.jpg", "y_a.jpg"]);
});

test("an image that the server has already counts as uploaded", async () => {
  const refused = [{ filename: "a.jpg", code: "image-exists" as const, reason: "It is there." }];
  const { uploader } = makeUploader({ urls: () => Promise.resolve({ urls: [], refused }) });
  uploader.add(picked("a.jpg"));
  await settled(uploader);
  expect(uploader.count("done")).toBe(1);
});

test("another image that the server has under a file's name is not taken for this one", async () => {
  const there = new Map([
    ["a.jpg", 11],
    ["b.jpg", 10],
  ]);
  const { uploader, stored } = makeUploader({
    urls: async (names) => {
      const { urls } = await urlsOf(names.filter((name) => !there.has(name)));
      const refused = names.filter((name) => there.has(name));
      return {
        urls,
        refused: refused.map((filename) => ({
          filename,
          code: "image-exists" as const,
          reason: "It is there.",
          sizeBytes: there.get(filename) ?? null,
        })),
      };
    },
  });
  uploader.add(picked("cards/a.jpg", "cards/b.jpg"));
  await settled(uploader);
  expect(uploader.items.map(({ name, state }) => [name, state])).toEqual([
    ["a.jpg", "refused"],
    ["b.jpg", "done"],
  ]);
  expect(uploader.items[0]?.reason).toContain("rename this file");
  uploader.rename();
  await settled(uploader);
  expect(stored).toEqual(["cards_a.jpg"]);
  expect(uploader.count("done")).toBe(2);
});

test("what passes is tried again by itself", async () => {
  let failures = 1;
  const { uploader } = makeUploader({
    put: () => (failures-- > 0 ? Promise.reject(new PutRefused(503)) : Promise.resolve()),
  });
  uploader.add(picked("a.jpg"));
  await settled(uploader);
  expect(uploader.count("done")).toBe(1);
});

test("an expired URL is asked for again", async () => {
  const puts: string[] = [];
  let round = 0;
  const { uploader } = makeUploader({
    urls: (names) => urlsOf(names, new Date(Date.now() + (round++ === 0 ? 0 : 900_000)).toISOString()),
    put: (url) => {
      puts.push(url);
      return Promise.resolve();
    },
  });
  uploader.add(picked("a.jpg"));
  await settled(uploader);
  expect(round).toBe(2);
  expect(puts).toHaveLength(1);
});

test("what is refused for good is listed and can be tried again by hand", async () => {
  let broken = true;
  const { uploader } = makeUploader({
    put: () => (broken ? Promise.reject(new PutRefused(400)) : Promise.resolve()),
  });
  uploader.add(picked("a.jpg"));
  await settled(uploader);
  expect(uploader.items[0]).toMatchObject({ state: "failed", reason: "The storage refused the file (400)." });
  broken = false;
  uploader.retry();
  await settled(uploader);
  expect(uploader.count("done")).toBe(1);
});

test("a job that has started stops the upload with the reason", async () => {
  const started = new ApiError(409, { type: "urn:ekyc:problem:job-started", detail: "The job has started." });
  const { uploader } = makeUploader({ urls: () => Promise.reject(started) });
  uploader.add(picked("a.jpg"));
  await vi.waitFor(() => expect(uploader.halted).toBe("The job has started."), PATIENT);
  expect(uploader.count("failed")).toBe(1);
});

test("a lost connection costs no attempts, and the upload goes on when it is back", async () => {
  let online = false;
  const { uploader } = makeUploader({
    online: () => online,
    put: () => (online ? Promise.resolve() : Promise.reject(new Unreachable())),
  });
  uploader.add(picked("a.jpg"));
  await vi.waitFor(() => expect(uploader.items[0]?.reason).toContain("cannot be reached"), PATIENT);
  for (let again = 0; again < 8; again += 1) {
    uploader.wake();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(uploader.count("failed")).toBe(0);
  online = true;
  uploader.wake();
  await settled(uploader);
  expect(uploader.count("done")).toBe(1);
});
