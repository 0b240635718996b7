import { expect, test } from "vitest";
import { actionsFor, timeline } from "../../src/job/facts";
import { overdueFor } from "../../src/jobs/overdue";
import { commandOf, isOncePerPress } from "../../src/label/keys";
import { fitting, scrollFor, zoomed } from "../../src/label/zoom";
import { EMPTY, faultsOf, requestOf, whyLabelRefused } from "../../src/new-job/form";
import { judge, overlap } from "../../src/results/matching";
import { NOW, ago, makeJob, oneOfEach, runningJob } from "../fake/jobs";

const NO_MODIFIERS = { shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };

test("a model is overdue only while it runs, and only past the limit", () => {
  expect(overdueFor(runningJob(ago(13)), 12, NOW)).toEqual({
    running: 13 * 3_600_000,
    expectedHours: 12,
  });
  expect(overdueFor(runningJob(ago(11)), 12, NOW)).toBeNull();
  expect(overdueFor({ ...runningJob(ago(13)), status: "STOPPED" }, 12, NOW)).toBeNull();
});

test("without an alarm no model is overdue", () => {
  expect(overdueFor(runningJob(ago(1_000)), null, NOW)).toBeNull();
});

test.each([
  ["CREATED", ["cancel"]],
  ["LABELLING", ["cancel"]],
  ["RUNNING", ["stop", "cancel"]],
  ["FAILED", ["retry", "cancel"]],
  ["CANCELLED", []],
])("a job that is %s can be: %o", (status, actions) => {
  expect(actionsFor(makeJob({ status: status as never }))).toEqual(actions);
});

test("a stopped model can be started again, and the job not cancelled", () => {
  const stopped = { ...runningJob(ago(3)), status: "STOPPED" as const };
  expect(actionsFor(stopped)).toEqual(["run"]);
});

test("the timeline tells what is done, at work, failed and to come", () => {
  const labelling = oneOfEach().find((job) => job.status === "LABELLING") ?? makeJob({ status: "LABELLING" });
  expect(timeline(labelling, NOW).map(({ state }) => state)).toEqual([
    "now",
    "to come",
    "to come",
    "to come",
  ]);
  expect(timeline(labelling, NOW)[0]?.took).toBe(4.5 * 3_600_000);
  const failed = oneOfEach().find((job) => job.status === "FAILED") ?? labelling;
  expect(timeline(failed, NOW)[0]?.state).toBe("failed");
});

test("keys: digits choose types, Shift resizes, Alt is fine, letters with Ctrl are the browser's", () => {
  expect(commandOf({ ...NO_MODIFIERS, key: "3" })).toEqual({ do: "label", place: 2 });
  expect(commandOf({ ...NO_MODIFIERS, key: "ArrowUp" })).toEqual({ do: "move", dx: 0, dy: -10 });
  expect(commandOf({ ...NO_MODIFIERS, key: "ArrowRight", shiftKey: true, altKey: true })).toEqual({
    do: "resize",
    dx: 1,
    dy: 0,
  });
  expect(commandOf({ ...NO_MODIFIERS, key: "c", ctrlKey: true })).toBeNull();
  expect(commandOf({ ...NO_MODIFIERS, key: "z", ctrlKey: true })).toEqual({ do: "take back" });
  expect(commandOf({ ...NO_MODIFIERS, key: "q" })).toBeNull();
});

test.each([
  ["Enter", true],
  ["x", true],
  ["c", true],
  ["p", true],
  ["ArrowLeft", false],
  ["+", false],
])("a held %s counts once: %s", (key, once) => {
  const command = commandOf({ ...NO_MODIFIERS, key });
  expect(command !== null && isOncePerPress(command)).toBe(once);
});

test("what is under the pointer stays there while zooming", () => {
  const scale = fitting({ width: 4000, height: 2000 }, { width: 1000, height: 1000 });
  expect(scale).toBe(0.25);
  const after = zoomed(scale, 2, scale);
  const scroll = scrollFor(0, 300, scale, after);
  expect((scroll + 300) / after).toBeCloseTo(300 / scale);
  expect(zoomed(scale, 0.1, scale)).toBe(scale);
});

test("a form without anything asks for the deployment's defaults", () => {
  expect(requestOf(EMPTY)).toMatchObject({ name: null, labels: null, labelling: { backend: null } });
  expect(requestOf({ ...EMPTY, backend: "console", minF1: "0.8", testPercent: "25" })).toMatchObject({
    labelling: { backend: "console" },
    options: { minF1: 0.8, testFraction: 0.25, autoStopAfterMinutes: null },
  });
});

test("numbers out of bounds are told beside their field", () => {
  const faults = faultsOf({ ...EMPTY, minF1: "2", workersPerImage: "1.5", testPercent: "x" });
  expect(Object.keys(faults)).toEqual(["minF1", "workersPerImage", "testPercent"]);
});

test.each([
  ["passport", [], null],
  ["Passport", ["passport"], "there already"],
  ["-card", [], "unaccented"],
  ["carte d’identité", [], "unaccented"],
  ["k", Array.from({ length: 10 }, (_, place) => `t${place}`), "at most 10"],
])("the type %s beside %o: %s", (label, others, reason) => {
  const why = whyLabelRefused(label, others);
  if (reason === null) expect(why).toBeNull();
  else expect(why).toContain(reason);
});

const card = { label: "card", left: 0, top: 0, width: 100, height: 100 };

test("a prediction is right when type and place fit, each true box once", () => {
  const { predictions, truth } = judge(
    [card],
    [
      { ...card, left: 10, confidence: 0.6 },
      { ...card, confidence: 0.9 },
      { ...card, label: "passport", confidence: 0.95 },
    ],
  );
  expect(predictions.map(({ right, box }) => [box.confidence, right])).toEqual([
    [0.95, false],
    [0.9, true],
    [0.6, false],
  ]);
  expect(truth[0]?.found).toBe(true);
  expect(judge([card], []).truth[0]?.found).toBe(false);
});

test("the overlap of boxes is a share of what they cover together", () => {
  expect(overlap(card, card)).toBe(1);
  expect(overlap(card, { ...card, left: 50 })).toBeCloseTo(1 / 3);
  expect(overlap(card, { ...card, left: 100 })).toBe(0);
});
