import { expect, test } from "vitest";
import { links, parseRoute } from "../../src/lib/router";

test.each([
  ["", { page: "jobs" }],
  ["#/jobs", { page: "jobs" }],
  ["#/new", { page: "new-job" }],
  ["#/label", { page: "labelling" }],
  ["#/label/j1", { page: "label", jobId: "j1" }],
  ["#/jobs/j1", { page: "job", jobId: "j1" }],
  ["#/jobs/j1/results", { page: "results", jobId: "j1" }],
  ["#/jobs/j1/toString", { page: "unknown" }],
  ["#/jobs/j1/results/more", { page: "unknown" }],
  ["#/%E0%A4%A", { page: "unknown" }],
])("%s leads to %o", (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test("what is linked is understood again, whatever the id holds", () => {
  expect(parseRoute(links.jobPage("a/b?c#d", "try"))).toEqual({ page: "try", jobId: "a/b?c#d" });
});
