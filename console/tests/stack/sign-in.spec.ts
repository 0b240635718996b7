import type { Page } from "@playwright/test";
import { listen } from "../complaints";
import { drawByMouse, nextImage } from "./labelling";
import { type Guarded, expect, makePhotos, test } from "./stack";
import { createJob, openBench, picture, start } from "./story";

async function signIn(page: Page, guarded: Guarded, who: string, as = who): Promise<void> {
  await page.goto(guarded.console);
  await page.getByLabel("Username").fill(as);
  await page.getByLabel("Password").fill(guarded.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText(who, { exact: true })).toBeVisible();
}

/** Ask the API past the page's buttons, with the token that the page has; gives status and problem. */
async function ask(page: Page, method: string, path: string): Promise<[number, string | undefined]> {
  return page.evaluate(
    async ([method, path]) => {
      const kept = sessionStorage.getItem("console.tokens");
      const token = kept === null ? "" : (JSON.parse(kept) as { access: string }).access;
      const answer = await fetch(path, { method, headers: { Authorization: `Bearer ${token}` } });
      const told = (await answer.json()) as { type?: string };
      return [answer.status, told.type] as [number, string | undefined];
    },
    [method, path] as const,
  );
}

test("people sign in with Cognito, label under their own names, and only a lead commands", async ({
  page,
  guarded,
  browser,
  complaints,
}, info) => {
  const photos = await makePhotos(info.outputPath("photos"), 4, 9);
  await signIn(page, guarded, guarded.lead);
  const jobId = await createJob(page, guarded.console, "Cards behind a door", photos);
  await page.getByLabel("Folder", { exact: true }).setInputFiles(photos.folder);
  await expect(page.getByRole("status")).toHaveText("4 images uploaded", { timeout: 30_000 });
  await start(page);
  await openBench(page, guarded.console, jobId);

  const other = await (await browser.newContext()).newPage();
  await listen(other, complaints);
  await signIn(other, guarded, guarded.other, guarded.otherAddress);
  await other.goto(`${guarded.console}/#/label/${jobId}`);
  const [mine, theirs] = [await nextImage(page), await nextImage(other)];
  expect(mine).not.toBe(theirs);
  for (const [who, name] of [
    [page, mine],
    [other, theirs],
  ] as const) {
    for (const [place, box] of (photos.boxes[name] ?? []).entries()) await drawByMouse(who, box, place);
    await who.keyboard.press("Enter");
    await expect(who.locator(".bench-file")).not.toHaveText(name, { timeout: 20_000 });
  }

  await other.goto(`${guarded.console}/#/jobs/${jobId}/tasks`);
  await expect(other.getByText("Only a lead sees all images")).toBeVisible();
  await expect(other.getByRole("button", { name: "Finish now…" })).toHaveCount(0);
  for (const [method, path] of [
    ["POST", "finish"],
    ["GET", "tasks"],
    ["POST", "tasks/00000000/reopen"],
  ] as const) {
    const answer = await ask(other, method, `/api/labelling/${jobId}/${path}`);
    expect(answer).toEqual([403, "urn:ekyc:problem:not-a-lead"]);
  }
  for (const [method, path] of [
    ["POST", "create"],
    ["POST", `start?jobId=${jobId}`],
    ["GET", `url?jobId=${jobId}&filename=theirs.jpg`],
    ["POST", `${jobId}/annotations`],
    ["POST", `${jobId}/cancel`],
    ["POST", `${jobId}/retry`],
    ["POST", `${jobId}/model/start`],
    ["POST", `${jobId}/model/stop`],
  ] as const) {
    const answer = await ask(other, method, `/api/training/${path}`);
    expect(answer).toEqual([403, "urn:ekyc:problem:not-a-lead"]);
  }
  expect((await ask(other, "GET", `/api/training/${jobId}`))[0]).toBe(200);
  await other.goto(`${guarded.console}/#/jobs/${jobId}`);
  await other.getByRole("button", { name: "Cancel job…" }).click();
  await other.getByRole("button", { name: "Cancel it for good" }).click();
  await expect(other.getByText("ask one of them to do this")).toBeVisible();
  await other.evaluate(() => sessionStorage.clear());
  expect((await ask(other, "POST", `/api/labelling/${jobId}/next`))[0]).toBe(401);
  await other.context().close();

  await page.goto(`${guarded.console}/#/jobs/${jobId}/tasks`);
  const people = page.getByRole("list", { name: "Answers by person" }).getByRole("listitem");
  await expect(people).toHaveText([`${guarded.lead} 1`, `${guarded.other} 1`]);
  await picture(page, "lead");
  await page.getByRole("button", { name: "Finish now…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End it" }).click();
  await expect(page.locator(".head .state")).not.toHaveText("Labelling", { timeout: 60_000 });
});
