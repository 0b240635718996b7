import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { cardPng } from "../fake/images";
import type { FakeApi } from "../fake/api";
import { ago, makeJob, oneOfEach, runningJob } from "../fake/jobs";
import { SCREENSHOTS, expect, test } from "../fixtures";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CARD = { left: 120, top: 110, width: 400, height: 250 };
const PHOTO = cardPng(640, 480, CARD);

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Everything that axe finds to be serious or worse. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<{ violations: Finding[] }>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

const running = runningJob(ago(2), { jobId: "01jd8w00000000000000000901" });
const labelling = makeJob({
  status: "LABELLING",
  jobId: "01jd8w00000000000000000902",
  name: "Driving licences of the north",
  stages: [{ stage: "labelling", startedAt: ago(4.5), endedAt: null, waitingFor: null }],
  labellingBackend: "console",
  labelling: { images: { uploaded: 24, accepted: 24, refused: 0 }, refused: [], leftOut: [] },
});
const created = makeJob({
  status: "CREATED",
  jobId: "01jd8w00000000000000000903",
  name: "Residence permits",
});
const failed = oneOfEach().find((job) => job.status === "FAILED") ?? created;

function fill(api: FakeApi) {
  api.add(...oneOfEach(), running, labelling, created, failed);
  const names = Array.from({ length: 24 }, (_, place) => `licence-${String(place).padStart(3, "0")}.png`);
  api.labelling.add(labelling.jobId, ["driving_licence", "id_card", "passport"], names);
  const job = api.labelling.jobs.get(labelling.jobId);
  job?.tasks.slice(0, 9).forEach((task, place) => {
    Object.assign(task, { by: place % 2 ? "ann" : "bob", answer: { kind: "no-document", boxes: [] } });
  });
  const box = { label: "id_card", ...CARD };
  const image = (place: number) => ({
    filename: `cards-${String(place * 37).padStart(4, "0")}.jpg`,
    imageUrl: `${api.storage}/pictures/${place}`,
    width: 640,
    height: 480,
    truth: [box],
    predictions:
      place === 0
        ? [{ ...box, label: "passport", left: 20, width: 300, confidence: 0.61 }]
        : place === 1
          ? [
              { ...box, left: 128, confidence: 0.93 },
              { ...box, left: 300, top: 300, width: 200, height: 120, confidence: 0.44 },
            ]
          : [{ ...box, left: 124, top: 114, confidence: 0.97 }],
    wrong: place === 0 ? 2 : place === 1 ? 1 : 0,
  });
  api.results = {
    f1: 0.947,
    labels: running.model?.labels,
    total: 94,
    images: Array.from({ length: 8 }, (_, place) => image(place)),
    nextToken: "8",
  };
  api.detections = {
    width: 640,
    height: 480,
    boxes: [{ ...box, left: 122, top: 112, width: 396, height: 246, confidence: 0.981 }],
  };
}

interface Look {
  readonly name: string;
  readonly path: string;
  readonly open: (page: Page) => Promise<void>;
}

const shown = (text: string) => async (page: Page) => {
  await expect(page.getByText(text).first()).toBeVisible();
};

const LOOKS: readonly Look[] = [
  { name: "jobs", path: "#/jobs", open: shown("Vehicle papers") },
  {
    name: "new-job",
    path: "#/new",
    open: async (page) => {
      await page.getByLabel("Name", { exact: true }).fill("Passports and cards, autumn");
      for (const label of ["id_card", "passport"]) {
        await page.getByLabel("Document types").fill(label);
        await page.getByLabel("Document types").press("Enter");
      }
      await page.getByText("People label on this page").click();
      await page.getByText("Options").click();
    },
  },
  {
    name: "images",
    path: `#/jobs/${created.jobId}/images`,
    open: async (page) => {
      const files = Array.from({ length: 40 }, (_, place) => ({
        name: place === 3 ? "Führerschein.png" : `permit-${String(place).padStart(3, "0")}.png`,
        mimeType: "image/png",
        buffer: place === 5 ? Buffer.from("%PDF-1.7") : Buffer.concat([PHOTO, Buffer.alloc(place)]),
      }));
      await page.getByLabel("Files", { exact: true }).setInputFiles(files);
      await expect(page.getByRole("status")).toHaveText("38 images uploaded");
    },
  },
  { name: "job", path: `#/jobs/${running.jobId}`, open: shown("Model training started") },
  { name: "job-failed", path: `#/jobs/${failed.jobId}`, open: shown("not served by Ground Truth") },
  {
    name: "job-cancel",
    path: `#/jobs/${running.jobId}`,
    open: async (page) => {
      await page.getByRole("button", { name: "Cancel job…" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  { name: "labelling", path: "#/label", open: shown("by you") },
  { name: "tasks", path: `#/jobs/${labelling.jobId}/tasks`, open: shown("licence-010.png") },
  {
    name: "label",
    path: `#/label/${labelling.jobId}`,
    open: async (page) => {
      await page.locator(".room[data-ready]").waitFor();
      await page.keyboard.press("n");
      for (const key of ["ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp"])
        await page.keyboard.press(key);
      for (let step = 0; step < 8; step += 1) await page.keyboard.press("Shift+ArrowRight");
      await page.keyboard.press("Shift+ArrowDown");
    },
  },
  {
    name: "results",
    path: `#/jobs/${running.jobId}/results`,
    open: async (page) => {
      await expect(page.locator(".test-image img").first()).toBeVisible();
    },
  },
  {
    name: "try",
    path: `#/jobs/${running.jobId}/try`,
    open: async (page) => {
      const photo = { name: "from-the-desk.png", mimeType: "image/png", buffer: PHOTO };
      await page.getByLabel("Photo", { exact: true }).setInputFiles(photo);
      await expect(page.getByText("1 document found")).toBeVisible();
      await expect(page.getByRole("link", { name: "Download crop" })).toBeVisible();
    },
  },
];

/** Pictures that docs/console.md shows; drawn anew with DOCS=1. */
const DOCUMENTED = new Set(["jobs", "label", "results", "try"]);
const DOCS = fileURLToPath(new URL("../../../docs/console", import.meta.url));

async function forTheDocs(page: Page, name: string): Promise<void> {
  if (process.env["DOCS"] === undefined) return;
  mkdirSync(DOCS, { recursive: true });
  await page.setViewportSize({ width: 1100, height: 700 });
  await page.screenshot({ path: join(DOCS, `${name}.jpg`), type: "jpeg", quality: 62 });
  await page.setViewportSize({ width: 1280, height: 860 });
}

const MODES = [
  { mode: "light", scheme: "light", width: 1280 },
  { mode: "dark", scheme: "dark", width: 1280 },
  { mode: "narrow", scheme: "light", width: 360 },
] as const;

for (const { name, path, open } of LOOKS) {
  for (const { mode, scheme, width } of MODES) {
    test(`${name}, ${mode}: nothing serious for axe, nothing wider than the window`, async ({
      page,
      api,
    }) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: width < 500 ? 780 : 860 });
      fill(api);
      await page.goto(`${api.url}/${path}`);
      await open(page);
      if (mode === "light" && DOCUMENTED.has(name)) await forTheDocs(page, name);
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${mode}.png`), fullPage: name !== "label" });
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    });
  }
}
