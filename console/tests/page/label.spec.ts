import type { Page } from "@playwright/test";
import type { FakeApi } from "../fake/api";
import { expect, test } from "../fixtures";

const JOB = "01jd8w00000000000000000777";
const LABELS = ["id_card", "passport"];

async function openBench(page: Page, api: FakeApi, files = ["a.png", "b.png", "c.png"]) {
  api.labelling.add(JOB, LABELS, files);
  await page.goto(`${api.url}/#/label/${JOB}`);
  await ready(page);
}

async function ready(page: Page) {
  await expect(page.locator(".room[data-ready]")).toBeVisible();
}

/** Draw from one point to another, in pixels of the image. */
async function drag(page: Page, from: [number, number], to: [number, number]) {
  const sheet = await page.locator(".sheet").boundingBox();
  if (sheet === null) throw new Error("no image");
  const scale = sheet.width / 640;
  await page.mouse.move(sheet.x + from[0] * scale, sheet.y + from[1] * scale);
  await page.mouse.down();
  await page.mouse.move(sheet.x + ((from[0] + to[0]) / 2) * scale, sheet.y + ((from[1] + to[1]) / 2) * scale);
  await page.mouse.move(sheet.x + to[0] * scale, sheet.y + to[1] * scale);
  await page.mouse.up();
}

function near(
  box: { left: number; top: number; width: number; height: number } | undefined,
  wanted: number[],
) {
  expect(box).toBeDefined();
  [box?.left, box?.top, box?.width, box?.height].forEach((value, place) => {
    expect(Math.abs((value ?? NaN) - (wanted[place] ?? NaN))).toBeLessThanOrEqual(3);
  });
}

test("a box drawn with the mouse is handed in with its type, in pixels of the image", async ({
  page,
  api,
}) => {
  await openBench(page, api);
  await drag(page, [120, 110], [520, 360]);
  await page.keyboard.press("2");
  await page.getByRole("button", { name: "Save, next" }).click();
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  const answer = api.labelling.answers(JOB)["a.png"];
  expect(answer?.kind).toBe("boxes");
  expect(answer?.boxes[0]?.label).toBe("passport");
  near(answer?.boxes[0], [120, 110, 400, 250]);
});

test("a second box is drawn while the first is chosen, and a box is moved and resized by its edges", async ({
  page,
  api,
}) => {
  await openBench(page, api);
  await drag(page, [40, 40], [200, 160]);
  await drag(page, [300, 200], [560, 420]);
  await expect(page.locator(".box-item")).toHaveCount(2);
  await drag(page, [430, 310], [410, 290]); // the chosen one, by its middle
  await drag(page, [540, 400], [600, 440]); // its lower right corner
  await page.keyboard.press("Enter");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  const boxes = api.labelling.answers(JOB)["a.png"]?.boxes;
  near(boxes?.[0], [40, 40, 160, 120]);
  near(boxes?.[1], [280, 180, 320, 260]);
});

test("a box is made, typed, moved, resized, taken back and saved by keyboard alone", async ({
  page,
  api,
}) => {
  await openBench(page, api);
  await page.keyboard.press("n");
  await expect(page.locator(".box-item")).toHaveCount(1);
  await page.keyboard.press("2");
  for (const key of [
    "ArrowLeft",
    "ArrowLeft",
    "ArrowUp",
    "Shift+ArrowRight",
    "Shift+ArrowDown",
    "Alt+ArrowRight",
  ]) {
    await page.keyboard.press(key);
  }
  await page.keyboard.press("n");
  await page.keyboard.press("Control+z");
  await expect(page.locator(".box-item")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  const [box] = api.labelling.answers(JOB)["a.png"]?.boxes ?? [];
  expect(box?.label).toBe("passport");
  near(box, [160 - 20 + 1, 120 - 10, 320 + 10, 240 + 10]);
});

test("no document and cannot tell are answers, and the last one can be taken back", async ({ page, api }) => {
  await openBench(page, api);
  await page.keyboard.press("x");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  await page.keyboard.press("c");
  await expect(page.locator(".bench-file")).toHaveText("c.png");
  expect(api.labelling.answers(JOB)["a.png"]?.kind).toBe("no-document");
  expect(api.labelling.answers(JOB)["b.png"]?.kind).toBe("cannot-tell");
  await page.keyboard.press("p");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  await ready(page);
  await page.keyboard.press("n");
  await page.keyboard.press("Enter");
  await expect(page.locator(".bench-file")).toHaveText("c.png");
  expect(api.labelling.answers(JOB)["b.png"]?.kind).toBe("boxes");
});

test("a key that is held down answers one image, and takes one answer back", async ({ page, api }) => {
  await openBench(page, api);
  await page.keyboard.down("x");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  await ready(page);
  await page.keyboard.down("x"); // the second one is the key's own repetition
  await page.keyboard.up("x");
  await page.keyboard.press("n");
  await page.keyboard.press("Enter");
  await expect(page.locator(".bench-file")).toHaveText("c.png");
  await ready(page);
  await page.keyboard.down("p");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  await ready(page);
  await page.keyboard.down("p");
  await page.keyboard.up("p");
  await expect(page.locator(".box-item")).toHaveCount(1);
  expect(Object.keys(api.labelling.answers(JOB))).toEqual(["a.png"]);
  expect(api.asked.filter((asked) => asked.endsWith("/undo"))).toHaveLength(1);
});

test("boxes of an answer that was taken back are still there after a reload", async ({ page, api }) => {
  await openBench(page, api);
  await page.keyboard.press("n");
  await page.keyboard.press("Enter");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  await ready(page);
  await page.keyboard.press("p");
  await expect(page.locator(".bench-file")).toHaveText("a.png");
  await page.reload();
  await ready(page);
  await expect(page.locator(".bench-file")).toHaveText("a.png");
  await expect(page.locator(".box-item")).toHaveCount(1);
});

test("what one person drew is not shown to the next one at the same machine", async ({ page, api }) => {
  await openBench(page, api);
  await page.keyboard.press("n");
  await expect(page.locator(".box-item")).toHaveCount(1);
  // Whoever comes next says who they are in another tab.
  const tab = await page.context().newPage();
  await tab.goto(api.url);
  await tab.getByRole("button", { name: "Who are you?" }).click();
  await tab.getByRole("textbox", { name: "Name" }).fill("bob");
  await tab.getByRole("button", { name: "Save" }).click();
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  await expect(page.locator(".box-item")).toHaveCount(0);
  Object.assign(api.labelling.jobs.get(JOB)?.tasks[0] ?? {}, { holder: null });
  await ready(page);
  await page.keyboard.press("x");
  await expect(page.locator(".bench-file")).toHaveText("a.png");
  await ready(page);
  await expect(page.locator(".box-item")).toHaveCount(0);
  await tab.close();
});

test("a drawn box is still there after a reload", async ({ page, api }) => {
  await openBench(page, api);
  await drag(page, [120, 110], [520, 360]);
  await page.keyboard.press("2");
  await page.reload();
  await ready(page);
  await expect(page.locator(".box-item")).toContainText("passport");
});

test("without a connection the answer waits on the device and goes off by itself", async ({ page, api }) => {
  await openBench(page, api);
  await drag(page, [120, 110], [520, 360]);
  api.unreachable = true;
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your boxes are kept on this device")).toBeVisible();
  // Even when the browser is closed meanwhile.
  await page.reload();
  await expect(page.getByText("The server cannot be reached")).toBeVisible();
  api.unreachable = false;
  await expect(page.locator(".bench-file")).toHaveText("b.png", { timeout: 15_000 });
  near(api.labelling.answers(JOB)["a.png"]?.boxes[0], [120, 110, 400, 250]);
});

test("an image that others have finished is told of, and the next one comes", async ({ page, api }) => {
  await openBench(page, api);
  await page.keyboard.press("n");
  const task = api.labelling.jobs.get(JOB)?.tasks[0];
  Object.assign(task ?? {}, {
    answer: { kind: "no-document", boxes: [] },
    by: "somebody-else",
    holder: null,
  });
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("given to somebody else");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
});

test("the lease is prolonged while somebody is at work", async ({ page, api }) => {
  api.labelling.leaseSeconds = 4;
  await openBench(page, api);
  await page.keyboard.press("n");
  await expect
    .poll(() => api.asked.filter((asked) => asked.endsWith("/renew")).length, { timeout: 10_000 })
    .toBeGreaterThan(0);
});

test("a job that has just started is waited for", async ({ page, api }) => {
  await page.goto(`${api.url}/#/label/${JOB}`);
  await expect(page.getByText("are checked first")).toBeVisible();
  api.labelling.add(JOB, LABELS, ["a.png"]);
  await expect(page.locator(".bench-file")).toHaveText("a.png", { timeout: 10_000 });
});

test("two people get different images", async ({ page, api, browser }) => {
  api.labelling.add(JOB, LABELS, ["a.png", "b.png"]);
  const other = await (await browser.newContext()).newPage();
  for (const [who, name] of [
    [page, "ann"],
    [other, "bob"],
  ] as const) {
    await who.goto(api.url);
    await who.getByRole("button", { name: "Who are you?" }).click();
    await who.getByRole("textbox", { name: "Name" }).fill(name);
    await who.getByRole("button", { name: "Save" }).click();
    await who.goto(`${api.url}/#/label/${JOB}`);
    await ready(who);
  }
  await expect(page.locator(".bench-file")).toHaveText("a.png");
  await expect(other.locator(".bench-file")).toHaveText("b.png");
  await page.keyboard.press("x");
  await other.keyboard.press("x");
  await expect(other.getByText("All images are labelled")).toBeVisible();
  // Whoever was done first hears of it, too.
  await expect(page.getByText("All images are labelled")).toBeVisible({ timeout: 15_000 });
  await other.context().close();
});

test("an image that is left untouched goes back to the others", async ({ page, api }) => {
  await openBench(page, api);
  await page.getByRole("link", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Label", level: 1 })).toBeVisible();
  await expect.poll(() => api.labelling.jobs.get(JOB)?.tasks[0]?.holder).toBeNull();
});

test("hostile file names and labels are text on the labelling page, too", async ({ page, api }) => {
  const hostile = "<img src=x onerror=alert(1)>.png";
  api.labelling.add(JOB, ["<b>card</b>"], [hostile]);
  await page.goto(`${api.url}/#/label/${JOB}`);
  await ready(page);
  await expect(page.locator(".bench-file")).toHaveText(hostile);
  await expect(page.getByRole("button", { name: "<b>card</b> 1" })).toBeVisible();
});

test("zooming keeps boxes where they are on the image", async ({ page, api }) => {
  await openBench(page, api);
  await page.keyboard.press("+");
  await page.keyboard.press("+");
  const before = await page.locator(".sheet").boundingBox();
  await drag(page, [200, 150], [400, 300]);
  await page.keyboard.press("0");
  await expect
    .poll(async () => (await page.locator(".sheet").boundingBox())?.width)
    .toBeLessThan(before?.width ?? 0);
  await page.keyboard.press("Enter");
  await expect(page.locator(".bench-file")).toHaveText("b.png");
  near(api.labelling.answers(JOB)["a.png"]?.boxes[0], [200, 150, 200, 150]);
});

test.describe("by touch", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } });

  type Point = readonly [number, number];

  /** Fingers on the image, each along its own way, in pixels of the image. */
  async function touch(page: Page, ...ways: (readonly Point[])[]) {
    const sheet = await page.locator(".sheet").boundingBox();
    if (sheet === null) throw new Error("no image");
    const scale = sheet.width / 640;
    const steps = ways[0]?.length ?? 0;
    const at = (step: number, fingers: number) =>
      ways.slice(0, fingers).map((way, id) => {
        const [x, y] = way[step] ?? [0, 0];
        return { id, x: sheet.x + x * scale, y: sheet.y + y * scale };
      });
    const device = await page.context().newCDPSession(page);
    for (let fingers = 1; fingers <= ways.length; fingers += 1) {
      await device.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0, fingers) });
    }
    for (let step = 1; step < steps; step += 1) {
      await device.send("Input.dispatchTouchEvent", {
        type: "touchMove",
        touchPoints: at(step, ways.length),
      });
    }
    await device.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  }

  test("one finger draws a box, and moves it", async ({ page, api }) => {
    await openBench(page, api);
    await touch(page, [
      [120, 110],
      [300, 200],
      [520, 360],
    ]);
    await expect(page.getByRole("button", { name: "Delete" })).toBeEnabled();
    await touch(page, [
      [320, 235],
      [300, 225],
      [280, 215],
    ]);
    await page.getByRole("button", { name: /Save, next/ }).tap();
    await expect(page.getByText("1 of 3")).toBeVisible();
    const boxes = api.labelling.answers(JOB)["a.png"]?.boxes;
    expect(boxes).toHaveLength(1);
    near(boxes?.[0], [80, 90, 400, 250]);
  });

  test("two fingers zoom, and draw nothing", async ({ page, api }) => {
    await openBench(page, api);
    const before = await page.locator(".sheet").boundingBox();
    await touch(
      page,
      [
        [280, 200],
        [200, 150],
        [120, 100],
      ],
      [
        [360, 280],
        [440, 330],
        [520, 380],
      ],
    );
    await expect
      .poll(async () => (await page.locator(".sheet").boundingBox())?.width)
      .toBeGreaterThan(2 * (before?.width ?? Infinity));
    await expect(page.locator(".tag")).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Delete" })).toBeDisabled();
  });
});

test("the chosen box has the colour of its type", async ({ page, api }) => {
  await openBench(page, api);
  await page.keyboard.press("n");
  const stroke = () =>
    page.locator(".a9s-annotation.selected .a9s-inner").evaluate((box) => getComputedStyle(box).stroke);
  await expect.poll(stroke).toBe("rgb(79, 157, 255)");
  await page.keyboard.press("2");
  await expect.poll(stroke).toBe("rgb(255, 176, 0)");
});
