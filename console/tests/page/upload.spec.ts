import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { cardPng } from "../fake/images";
import { makeJob } from "../fake/jobs";
import { expect, test } from "../fixtures";

const PNG = cardPng(96, 72, { left: 10, top: 10, width: 60, height: 40 });

function folderOf(names: readonly string[], folder: string): string {
  mkdirSync(folder, { recursive: true });
  names.forEach((name, place) => {
    // Files of different sizes, so that they can be told apart.
    writeFileSync(join(folder, name), Buffer.concat([PNG, Buffer.alloc(place + 1)]));
  });
  return folder;
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, place) => `card-${String(place).padStart(4, "0")}.png`);
}

async function choose(page: Page, folder: string) {
  await page.getByLabel("Folder", { exact: true }).setInputFiles(folder);
}

test("from the form to a started job: name, types, images, start", async ({ page, api }, info) => {
  await page.goto(`${api.url}/#/new`);
  await page.getByLabel("Name", { exact: true }).fill("Cards of spring");
  const label = page.getByLabel("Document types");
  await label.fill("id_card");
  await label.press("Enter");
  await label.fill("id card!");
  await label.press("Enter");
  await expect(page.getByText("Use unaccented letters")).toBeVisible();
  await label.fill("passport");
  await label.press("Enter");
  await page.getByText("People label on this page").click();
  await page.getByRole("button", { name: "Create, then add images" }).click();
  await expect(page.getByText("Drop a folder of photos here")).toBeVisible();
  await choose(page, folderOf(numbered(12), info.outputPath("cards")));
  await expect(page.getByRole("status")).toHaveText("12 images uploaded");
  const [jobId = ""] = [...api.jobs.keys()];
  expect(api.names(jobId).sort()).toEqual(numbered(12));
  await page.getByRole("button", { name: "Start…" }).click();
  await expect(page.getByRole("dialog")).toContainText("No image can be added afterwards");
  await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
  await expect(page.locator(".head .state")).toHaveText("Labelling");
});

test("an upload that a reload interrupted goes on where it was", async ({ page, api }, info) => {
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  const folder = folderOf(numbered(40), info.outputPath("cards"));
  const slow = { on: true };
  api.onPut = async (name) => {
    if (slow.on && name > "card-0019.png") await new Promise((resolve) => setTimeout(resolve, 60_000));
    return null;
  };
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folder);
  await expect(page.getByRole("status")).toHaveText("20 of 40 images uploaded");
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  slow.on = false;
  await expect(page.getByText("20 images were uploaded from this browser")).toBeVisible();
  const before = api.asked.length;
  const puts: string[] = [];
  api.onPut = (name) => {
    puts.push(name);
    return Promise.resolve(null);
  };
  await choose(page, folder);
  await expect(page.getByRole("status")).toHaveText("40 images uploaded");
  expect(puts.sort()).toEqual(numbered(40).slice(20));
  expect(api.asked.slice(before).filter((asked) => asked.endsWith("/urls")).length).toBeLessThan(5);
});

test("what cannot be used is refused with its reason before anything is sent", async ({
  page,
  api,
}, info) => {
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  const folder = folderOf(["good.png", "Führerschein.png"], info.outputPath("mixed"));
  writeFileSync(join(folder, "paper.jpg"), "%PDF-1.7");
  writeFileSync(join(folder, "tiny.png"), cardPng(20, 20, { left: 1, top: 1, width: 9, height: 9 }));
  writeFileSync(join(folder, "notes.txt"), "hello");
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folder);
  await expect(page.getByText("a PDF document")).toBeVisible();
  await expect(page.getByText("20 × 20 pixels")).toBeVisible();
  await expect(page.getByText("must end in .jpg")).toBeVisible();
  expect(api.names(job.jobId)).toEqual(["good.png"]);
  await page.getByRole("button", { name: "Add 1 under other names" }).click();
  await expect.poll(() => api.names(job.jobId).sort()).toEqual(["Fuhrerschein.png", "good.png"]);
});

test("failed uploads are listed and tried again by hand", async ({ page, api }, info) => {
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  api.onPut = (name, attempt) =>
    Promise.resolve(name === "card-0001.png" && attempt === 1 ? { status: 400 } : null);
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folderOf(numbered(3), info.outputPath("cards")));
  await expect(page.getByText("The storage refused the file (400).")).toBeVisible();
  await page.getByRole("button", { name: "Retry 1 failed upload" }).click();
  await expect(page.getByRole("status")).toHaveText("3 images uploaded");
});

test("a connection that is lost in the middle is waited for", async ({ page, api, context }, info) => {
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  let down = true;
  api.onPut = (name) => Promise.resolve(down && name > "card-0004.png" ? "hang up" : null);
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folderOf(numbered(10), info.outputPath("cards")));
  await expect(page.getByRole("status")).toHaveText("5 of 10 images uploaded");
  await context.setOffline(true);
  down = false;
  await context.setOffline(false);
  await expect(page.getByRole("status")).toHaveText("10 images uploaded", { timeout: 20_000 });
});

test("six hundred files stay a short list in the page", async ({ page, api }, info) => {
  test.setTimeout(90_000);
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folderOf(numbered(600), info.outputPath("many")));
  await expect(page.getByRole("status")).toHaveText("600 images uploaded", { timeout: 60_000 });
  expect(await page.locator(".virtual li").count()).toBeLessThan(40);
  const urls = api.asked.filter((asked) => asked.endsWith("/urls")).length;
  expect(urls).toBeLessThan(60);
});

test("the boxes of a job that imports them are uploaded beside its images", async ({ page, api }, info) => {
  const job = makeJob({ status: "CREATED", labellingBackend: "import" });
  api.add(job);
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folderOf(numbered(2), info.outputPath("cards")));
  await expect(page.getByRole("status")).toHaveText("2 images uploaded");
  await page.getByRole("button", { name: "Start…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(dialog).toContainText("no file with the boxes yet");
  await dialog.getByRole("button", { name: "Back" }).click();
  const coco = { name: "coco.json", mimeType: "application/json", buffer: Buffer.from('{"images": []}') };
  await page.getByLabel("File with the boxes").setInputFiles(coco);
  await expect(page.getByText("coco.json")).toBeVisible();
  // The page may be opened anew, or by somebody else.
  await page.reload();
  await page.getByRole("button", { name: "Start…" }).click();
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(page.locator(".head .state")).toHaveText("Labelling");
  expect(api.stored.get(`${job.jobId}/annotations`)?.toString()).toBe('{"images": []}');
});

test("a job whose images came from elsewhere can be started, and one without any is refused", async ({
  page,
  api,
}) => {
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await expect(page.getByText("None uploaded from this browser yet")).toBeVisible();
  await page.getByRole("button", { name: "Start…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("images that came another way count");
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(dialog).toContainText("The job has no images yet");
  api.stored.set(`${job.jobId}/from-elsewhere.png`, PNG);
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(page.locator(".head .state")).toHaveText("Labelling");
});

test("another photo under a name that is there already is refused, and can have another name", async ({
  page,
  api,
}, info) => {
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  const [mine = "", same = ""] = numbered(2);
  const folder = folderOf([mine, same], info.outputPath("cards"));
  api.stored.set(`${job.jobId}/${mine}`, PNG);
  api.stored.set(`${job.jobId}/${same}`, readFileSync(join(folder, same)));
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folder);
  await expect(page.getByText("Another image of this name is there already")).toBeVisible();
  await expect(page.getByRole("status")).toHaveText("1 image uploaded");
  await page.getByRole("button", { name: "Add 1 under other names" }).click();
  await expect(page.getByRole("status")).toHaveText("2 images uploaded");
  expect(api.names(job.jobId)).toHaveLength(3);
  expect(api.stored.get(`${job.jobId}/${mine}`)).toEqual(PNG);
});

test("file names that look like mark-up are shown as text", async ({ page, api }, info) => {
  const job = makeJob({ status: "CREATED" });
  api.add(job);
  const hostile = "<img src=x onerror=alert(1)>.png";
  await page.goto(`${api.url}/#/jobs/${job.jobId}/images`);
  await choose(page, folderOf([hostile], info.outputPath("hostile")));
  await expect(page.locator(".file-name").first()).toContainText(hostile);
  await expect(page.locator(".file img")).toHaveCount(0);
});
