import { ago, oneOfEach, runningJob } from "../fake/jobs";
import { expect, test } from "../fixtures";

test("the list shows states, F1 and what runs costs an hour", async ({ page, api }) => {
  api.add(...oneOfEach());
  await page.goto(api.url);
  await expect(page.getByRole("row", { name: /Cards, second camera/ })).toContainText("Training");
  await expect(page.getByRole("row", { name: /Vehicle papers/ })).toContainText("0.912");
  await expect(page.getByText("$8.00 an hour")).toBeVisible();
});

test("a model that runs longer than expected is called out", async ({ page, api }) => {
  api.add(runningJob(ago(13.6)), runningJob(ago(2), { name: "Fresh" }));
  await page.goto(api.url);
  await expect(page.getByText(/has run for 13 h, longer than the 12 h expected/)).toHaveCount(1);
});

test("names and labels of users are shown as text", async ({ page, api }) => {
  const hostile = `<img src=x onerror="document.title='owned'">`;
  api.add(runningJob(ago(1), { name: hostile, labels: ["<b>bold</b>"] }));
  await page.goto(api.url);
  await expect(page.getByRole("link", { name: hostile })).toBeVisible();
  await expect(page.getByText("<b>bold</b>")).toBeVisible();
  await page.getByRole("link", { name: hostile }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(hostile);
  await expect(page).not.toHaveTitle("owned");
});

test("the list comes back by itself after the connection was lost", async ({ page, api }) => {
  api.unreachable = true;
  await page.goto(api.url);
  await expect(page.getByText("The server cannot be reached")).toBeVisible();
  api.add(runningJob(ago(1)));
  api.unreachable = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("link", { name: "Passports and cards, autumn" })).toBeVisible();
});

test("a deployment whose API takes signed requests only says so", async ({ page, api }) => {
  api.config = { ...api.config, auth: "iam" };
  await page.goto(api.url);
  await expect(page.getByRole("alert")).toContainText("Use the command line");
});

test("cancelling says what cannot be undone before it is done", async ({ page, api }) => {
  const job = runningJob(ago(1));
  api.add(job);
  await page.goto(`${api.url}/#/jobs/${job.jobId}`);
  await page.getByRole("button", { name: "Cancel job…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("This cannot be undone");
  expect(api.asked).not.toContain(`POST /api/training/${job.jobId}/cancel`);
  await dialog.getByRole("button", { name: "Cancel it for good" }).click();
  await expect(page.locator(".head .state")).toHaveText("Cancelled");
});
