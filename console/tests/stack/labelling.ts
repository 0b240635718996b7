import type { Page } from "@playwright/test";
import type { Box } from "../../src/api/types";
import { centred } from "../../src/label/boxes";
import { expect } from "./stack";

/** Wait for an image to label and give its name. */
export async function nextImage(page: Page): Promise<string> {
  await expect(page.locator(".room[data-ready]")).toBeVisible({ timeout: 20_000 });
  return (await page.locator(".bench-file").textContent()) ?? "";
}

/** How large the image is: what the page shows of it, in pixels of the image. */
async function imageSize(page: Page): Promise<{ width: number; height: number }> {
  return page.locator(".canvas img").evaluate((image: HTMLImageElement) => ({
    width: image.naturalWidth,
    height: image.naturalHeight,
  }));
}

export async function drawByMouse(page: Page, box: Box, place: number): Promise<void> {
  const sheet = await page.locator(".sheet").boundingBox();
  if (sheet === null) throw new Error("no image");
  const scale = sheet.width / (await imageSize(page)).width;
  const at = (x: number, y: number) => [sheet.x + x * scale, sheet.y + y * scale] as const;
  await page.mouse.move(...at(box.left, box.top));
  await page.mouse.down();
  await page.mouse.move(...at(box.left + box.width / 2, box.top + box.height / 2), { steps: 3 });
  await page.mouse.move(...at(box.left + box.width, box.top + box.height), { steps: 3 });
  await page.mouse.up();
  await expect(page.locator(".box-item")).toHaveCount(place + 1);
  await chooseType(page, box.label);
}

export async function drawByKeyboard(page: Page, box: Box, place: number): Promise<void> {
  const size = await imageSize(page);
  await page.keyboard.press("n");
  await expect(page.locator(".box-item")).toHaveCount(place + 1);
  const begun = centred({ left: 0, top: 0, ...size }, size);
  // Narrower first: a box that is too large would meet the edge on its way.
  await press(page, "Shift+", box.width - begun.width, box.height - begun.height, "smaller");
  await press(page, "", box.left - begun.left, box.top - begun.top, "both");
  await press(page, "Shift+", box.width - begun.width, box.height - begun.height, "larger");
  await chooseType(page, box.label);
}

async function press(
  page: Page,
  modifier: string,
  dx: number,
  dy: number,
  which: "smaller" | "larger" | "both",
) {
  for (const [delta, less, more] of [
    [Math.round(dx), "ArrowLeft", "ArrowRight"],
    [Math.round(dy), "ArrowUp", "ArrowDown"],
  ] as const) {
    if ((which === "smaller" && delta > 0) || (which === "larger" && delta < 0)) continue;
    const key = delta < 0 ? less : more;
    for (let step = 0; step < Math.floor(Math.abs(delta) / 10); step += 1)
      await page.keyboard.press(modifier + key);
    for (let step = 0; step < Math.abs(delta) % 10; step += 1)
      await page.keyboard.press(`Alt+${modifier}${key}`);
  }
}

async function chooseType(page: Page, label: string): Promise<void> {
  const types = await page.locator(".type span").allTextContents();
  await page.keyboard.press(String(types.indexOf(label) + 1));
}
