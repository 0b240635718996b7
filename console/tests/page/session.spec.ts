import type { Page } from "@playwright/test";
import type { FakeApi } from "../fake/api";
import { makeJob } from "../fake/jobs";
import { LEADS } from "../fake/labelling";
import { FakeSignIn } from "../fake/sign-in";
import { test as base, expect } from "../fixtures";

const JOB = "01jd8w00000000000000000888";
const ANN = { username: "ann", email: "ann@bank.test", groups: [LEADS] };
const BOB = { username: "bob", email: "bob@bank.test", groups: [] };

/** The page, its API and the sign-in, each at an address of its own. */
const test = base.extend<{ signIn: FakeSignIn }>({
  signIn: async ({ api }, use) => {
    const signIn = new FakeSignIn([ANN, BOB]);
    await signIn.start(api.url);
    api.guard(signIn);
    await use(signIn);
    await signIn.stop();
  },
});

async function enter(page: Page, who: { username: string }): Promise<void> {
  await page.getByLabel("Username").fill(who.username);
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Sign in" }).click();
}

async function openBench(page: Page, api: FakeApi, who: { username: string }): Promise<void> {
  api.labelling.add(JOB, ["card"], ["a.png", "b.png"]);
  await page.goto(`${api.url}/#/label/${JOB}`);
  await enter(page, who);
  await page.locator(".room[data-ready]").waitFor();
}

test("whoever is not signed in is sent there and comes back to where they wanted to go", async ({
  page,
  api,
  signIn,
}) => {
  await page.goto(`${api.url}/#/new`);
  await expect(page).toHaveTitle("Sign in");
  expect(api.asked).toEqual([]);
  await enter(page, ANN);
  await expect(page.getByRole("heading", { name: "New job" })).toBeVisible();
  await expect(page.getByText(ANN.username, { exact: true })).toBeVisible();
  expect(page.url()).toBe(`${api.url}/#/new`);
  expect(signIn.refusals).toEqual([]);
});

test("a reload keeps the session, and another tab has to sign in for itself", async ({
  page,
  api,
  signIn,
}) => {
  await page.goto(api.url);
  await enter(page, ANN);
  await expect(page.getByText(ANN.username, { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Jobs", level: 1 })).toBeVisible();
  expect(signIn.accepted.size).toBe(1);
  const tab = await page.context().newPage();
  await tab.goto(api.url); // the sign-in knows the person, who need not type anything
  await expect(tab.getByRole("heading", { name: "Jobs", level: 1 })).toBeVisible();
  expect(signIn.accepted.size).toBe(2);
});

test("an answer that the page has not asked for is nobody's", async ({ page, api, signIn }) => {
  await page.goto(`${api.url}/?code=stolen&state=forged#/new`);
  await expect(page).toHaveTitle("Sign in");
  await enter(page, ANN);
  await expect(page.getByRole("heading", { name: "New job" })).toBeVisible();
  expect(signIn.refusals).toEqual([]);
  expect(page.url()).toBe(`${api.url}/#/new`);
});

test("tokens that have run out are renewed without the person", async ({ page, api, signIn }) => {
  await page.goto(api.url);
  await enter(page, ANN);
  await expect(page.getByRole("heading", { name: "Jobs", level: 1 })).toBeVisible();
  signIn.expire();
  await page.getByRole("link", { name: "Label", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Label", level: 1 })).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(signIn.accepted.size).toBe(1);
});

test("whoever signs out is out, for the sign-in too", async ({ page, api, signIn }) => {
  await page.goto(api.url);
  await enter(page, ANN);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveTitle("Sign in");
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await enter(page, BOB);
  await expect(page.getByText(BOB.username, { exact: true })).toBeVisible();
  expect(signIn.refusals).toEqual([]);
});

test("a session that expires loses no drawn box", async ({ page, api, signIn }) => {
  await openBench(page, api, ANN);
  await page.keyboard.press("n");
  await page.keyboard.press("ArrowLeft");
  signIn.expire({ refreshTokens: true });
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog).toContainText("What you drew and what was uploaded is kept");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  expect(api.labelling.answers(JOB)["a.png"]?.boxes[0]).toMatchObject({ label: "card", left: 150 });
});

test("what was typed for a new job is still there after signing in again", async ({ page, api, signIn }) => {
  await page.goto(`${api.url}/#/new`);
  await enter(page, ANN);
  await page.getByLabel("Name", { exact: true }).fill("Cards of spring");
  signIn.expire({ refreshTokens: true });
  await page.getByRole("button", { name: "Create, then add images" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Cards of spring");
});

test("whoever leads has what leads have, and the others have not", async ({ page, api, signIn, browser }) => {
  const other = await (await browser.newContext()).newPage();
  const asked: string[] = [];
  other.on("request", (request) => asked.push(new URL(request.url()).pathname));
  api.add(makeJob({ status: "LABELLING", jobId: JOB, labellingBackend: "console" }));
  await openBench(page, api, ANN);
  await page.keyboard.press("x");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  for (const [who, account, leads] of [
    [page, ANN, true],
    [other, BOB, false],
  ] as const) {
    await who.goto(`${api.url}/#/label/${JOB}`);
    if (account === BOB) await enter(other, BOB);
    await who.goto(`${api.url}/#/jobs/${JOB}/tasks`);
    await expect(who.getByRole("heading", { name: "1 of 2 images labelled" })).toBeVisible();
    await expect(who.getByRole("button", { name: "Finish now…" })).toHaveCount(leads ? 1 : 0);
    await expect(who.getByText("Only a lead sees all images")).toHaveCount(leads ? 0 : 1);
  }
  expect(asked.filter((path) => path.endsWith("/tasks"))).toEqual([]);
  expect(signIn.refusals).toEqual([]);
  await other.context().close();
});
