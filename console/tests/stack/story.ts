import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { SCREENSHOTS } from "../fixtures";
import { type Photos, expect } from "./stack";

/** Make a job whose images are labelled on the page, and give its id. */
export async function createJob(page: Page, url: string, name: string, photos: Photos): Promise<string> {
  await page.goto(`${url}/#/new`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  for (const label of photos.labels) {
    await page.getByLabel("Document types").fill(label);
    await page.getByLabel("Document types").press("Enter");
  }
  await page.getByText("People label on this page").click();
  await page.getByRole("button", { name: "Create, then add images" }).click();
  await expect(page.getByText("Drop a folder of photos here")).toBeVisible();
  return /jobs\/([^/]+)/.exec(page.url())?.[1] ?? "";
}

export async function start(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
  await expect(page.locator(".head .state")).toHaveText("Labelling");
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `stack-${name}.png`) });
}

/** Go to the bench; the images are checked first, which takes the pipeline a moment. */
export async function openBench(page: Page, url: string, jobId: string): Promise<void> {
  await page.goto(`${url}/#/jobs/${jobId}/tasks`);
  await expect(page.getByRole("heading", { name: /of \d+ images labelled/ })).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole("link", { name: "Label", exact: true }).last()).toBeVisible({
    timeout: 60_000,
  });
  await page.goto(`${url}/#/label/${jobId}`);
}
