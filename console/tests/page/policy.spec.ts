import { takeRefused } from "../complaints";
import { expect, test } from "../fixtures";

const JOB = "01jd8w00000000000000000888";

// That nothing of ours is refused, every other test sees to: a single complaint fails it. This one sees to
// it that there would be complaints.
test("the policy of the deployment is in force, and what it refuses is noticed", async ({
  page,
  api,
  complaints,
}) => {
  await page.goto(api.url);
  await expect(page.getByRole("heading", { name: "Jobs", level: 1 })).toBeVisible();
  await page.evaluate(async () => {
    const add = (made: HTMLElement) => document.body.append(made);
    add(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }));
    add(Object.assign(document.createElement("style"), { textContent: "body { display: none }" }));
    const styled = document.createElement("p");
    styled.setAttribute("style", "color: red");
    add(styled);
    add(Object.assign(document.createElement("img"), { src: "http://127.0.0.1:9/elsewhere.png" }));
    await fetch("http://127.0.0.1:9/elsewhere").catch(() => undefined);
  });
  await expect
    .poll(() => complaints.filter((said) => said.startsWith("Refused by")).length)
    .toBeGreaterThanOrEqual(5);
  const refused = takeRefused(complaints).map(
    (said) => / ([a-z-]+) /.exec(said.slice(said.indexOf(":")))?.[1],
  );
  expect(new Set(refused)).toEqual(
    new Set(["script-src-elem", "style-src-elem", "style-src-attr", "img-src", "connect-src"]),
  );
  expect(await page.evaluate(() => "ran" in window)).toBe(false);
});

test("drawing, moving and zooming need nothing that the policy refuses", async ({
  page,
  api,
  complaints,
}) => {
  api.labelling.add(
    JOB,
    ["card", "visa"],
    ["a.png"],
    [{ label: "card", left: 120, top: 110, width: 400, height: 250 }],
  );
  await page.goto(`${api.url}/#/label/${JOB}`);
  await page.locator(".room[data-ready]").waitFor();
  await page.keyboard.press("n");
  await page.keyboard.press("2");
  for (const key of ["ArrowLeft", "Shift+ArrowDown", "+", "+", "0", "b", "Delete"])
    await page.keyboard.press(key);
  const sheet = await page.locator(".sheet").boundingBox();
  if (sheet === null) throw new Error("no image");
  await page.mouse.move(sheet.x + 20, sheet.y + 20);
  await page.mouse.down();
  await page.mouse.move(sheet.x + 160, sheet.y + 120, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator(".box-item")).toHaveCount(2);
  expect(complaints).toEqual([]);
});
