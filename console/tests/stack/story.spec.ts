import { join } from "node:path";
import { listen } from "../complaints";
import { drawByKeyboard, drawByMouse, nextImage } from "./labelling";
import { expect, makePhotos, test } from "./stack";
import { createJob, openBench, picture, start } from "./story";

test("new job, images, boxes by mouse and by keyboard, a running model, results, a try, stop", async ({
  page,
  stack,
}, info) => {
  const photos = await makePhotos(info.outputPath("photos"), 12, 5);
  const jobId = await createJob(page, stack.console, "Cards <b>of</b> spring", photos);
  await page.getByLabel("Folder", { exact: true }).setInputFiles(photos.folder);
  await expect(page.getByRole("status")).toHaveText("12 images uploaded", { timeout: 30_000 });
  await start(page);

  await openBench(page, stack.console, jobId);
  for (let done = 0; done < 12; done += 1) {
    const name = await nextImage(page);
    const draw = done % 2 === 0 ? drawByMouse : drawByKeyboard;
    for (const [place, box] of (photos.boxes[name] ?? []).entries()) await draw(page, box, place);
    if (done === 1) await picture(page, "label");
    await page.keyboard.press("Enter");
    await expect(page.locator(".bench-file")).not.toHaveText(name, { timeout: 20_000 });
  }
  await expect(page.getByText("All images are labelled")).toBeVisible();

  await page.getByRole("link", { name: "See the job" }).click();
  await expect(page.locator(".head .state")).toHaveText("Running", { timeout: 180_000 });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Cards <b>of</b> spring");
  await picture(page, "job");

  await page.getByRole("link", { name: "Results" }).click();
  await expect(page.locator(".test-image img").first()).toBeVisible({ timeout: 20_000 });
  await picture(page, "results");

  await page.getByRole("link", { name: "Try" }).click();
  await page.getByLabel("Photo", { exact: true }).setInputFiles(join(photos.folder, photos.names[0] ?? ""));
  await expect(page.locator("[role=status]").last()).toHaveText(/found/, { timeout: 30_000 });
  await picture(page, "try");

  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("button", { name: "Stop model…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop the model" }).click();
  await expect(page.locator(".head .state")).toHaveText("Stopped", { timeout: 60_000 });
});

test("a reload in the middle of an upload, two people at once, and a lost connection", async ({
  page,
  stack,
  browser,
  complaints,
}, info) => {
  const photos = await makePhotos(info.outputPath("photos"), 12, 6);
  const jobId = await createJob(page, stack.console, "Cards of autumn", photos);
  let held = true;
  const puts: string[] = [];
  await page.route(/\/images\//, async (route) => {
    if (route.request().method() !== "PUT") return route.continue();
    const name = new URL(route.request().url()).pathname.split("/").at(-1) ?? "";
    if (held && name >= (photos.names[6] ?? "")) return undefined; // never answered: the page is left meanwhile
    puts.push(name);
    return route.continue();
  });
  await page.getByLabel("Folder", { exact: true }).setInputFiles(photos.folder);
  await expect(page.getByRole("status")).toHaveText("6 of 12 images uploaded", { timeout: 20_000 });
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  held = false;
  await expect(page.getByText("6 images were uploaded from this browser")).toBeVisible();
  await page.getByLabel("Folder", { exact: true }).setInputFiles(photos.folder);
  await expect(page.getByRole("status")).toHaveText("12 images uploaded", { timeout: 20_000 });
  expect([...puts].sort()).toEqual(photos.names);
  await page.unrouteAll();
  await start(page);

  const other = await (await browser.newContext()).newPage();
  await listen(other, complaints);
  const seen: string[] = [];
  await openBench(page, stack.console, jobId);
  for (const [who, name] of [
    [page, "ann"],
    [other, "bob"],
  ] as const) {
    await who.goto(`${stack.console}/#/jobs`);
    await who.getByRole("button", { name: /Who are you|ann|bob/ }).click();
    await who.getByRole("textbox", { name: "Name" }).fill(name);
    await who.getByRole("button", { name: "Save" }).click();
    await who.goto(`${stack.console}/#/label/${jobId}`);
    seen.push(await nextImage(who));
  }
  expect(new Set(seen).size).toBe(2);

  // Ann loses her connection just as she saves; her boxes wait on her device, and go off when it is back.
  const mine = seen[0] ?? "";
  for (const [place, box] of (photos.boxes[mine] ?? []).entries()) await drawByMouse(page, box, place);
  await page.context().setOffline(true);
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your boxes are kept on this device")).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.locator(".bench-file")).not.toHaveText(mine, { timeout: 20_000 });
  await other.keyboard.press("x");
  await expect(other.locator(".bench-file")).not.toHaveText(seen[1] ?? "", { timeout: 20_000 });
  await expect(page.locator(".bench-progress")).toContainText(/[12] of 12/);
  await other.context().close();
});
