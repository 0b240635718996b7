import type { Page } from "@playwright/test";
import type { FakeApi } from "../fake/api";
import { expect, test } from "../fixtures";

const JOB = "01jd8w00000000000000000888";
const SIGN_IN = "https://sign-in.test";

/** A hosted sign-in that lets everybody in and gives the tokens `token-1`, `token-2`, … */
async function withSignIn(page: Page, api: FakeApi): Promise<{ given: number }> {
  const tokens = { given: 0 };
  api.config = {
    ...api.config,
    auth: "cognito",
    signIn: { url: SIGN_IN, clientId: "page", scopes: ["openid"] },
    workersHeader: false,
  };
  await page.route(`${SIGN_IN}/oauth2/authorize*`, (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const back = new URL(asked.get("redirect_uri") ?? "");
    back.searchParams.set("code", "code");
    back.searchParams.set("state", asked.get("state") ?? "");
    return route.fulfill({ status: 302, headers: { location: back.href } });
  });
  await page.route(`${SIGN_IN}/oauth2/token`, (route) => {
    tokens.given += 1;
    api.authorization = `Bearer token-${tokens.given}`;
    return route.fulfill({
      json: { access_token: `token-${tokens.given}`, expires_in: 3600 },
      headers: { "access-control-allow-origin": "*" },
    });
  });
  return tokens;
}

test("whoever is not signed in is sent there and comes back to where they wanted to go", async ({
  page,
  api,
}) => {
  await withSignIn(page, api);
  await page.goto(`${api.url}/#/new`);
  await expect(page.getByRole("heading", { name: "New job" })).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
});

test("a session that expires loses no drawn box", async ({ page, api }) => {
  const tokens = await withSignIn(page, api);
  api.labelling.add(JOB, ["card"], ["a.png", "b.png"]);
  await page.goto(`${api.url}/#/label/${JOB}`);
  await page.locator(".room[data-ready]").waitFor();
  await page.keyboard.press("n");
  await page.keyboard.press("ArrowLeft");
  api.authorization = "Bearer of somebody else";
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog).toContainText("What you drew and what was uploaded is kept");
  const task = api.labelling.jobs.get(JOB)?.tasks[0];
  if (task) task.holder = "Bearer token-2"; // the same person, whom the fake knows by the token
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  expect(tokens.given).toBe(2);
  expect(api.labelling.answers(JOB)["a.png"]?.boxes[0]).toMatchObject({ label: "card", left: 150 });
});

test("what was typed for a new job is still there after signing in again", async ({ page, api }) => {
  await withSignIn(page, api);
  await page.goto(`${api.url}/#/new`);
  await page.getByLabel("Name", { exact: true }).fill("Cards of spring");
  api.authorization = "Bearer of somebody else";
  await page.getByRole("button", { name: "Create, then add images" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Cards of spring");
});
