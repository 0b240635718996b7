import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import { listen } from "./complaints";
import { FakeApi } from "./fake/api";

export const DIST = fileURLToPath(new URL("../dist", import.meta.url));
export const SCREENSHOTS = fileURLToPath(new URL("../../build/console", import.meta.url));

/** A page against an API in memory; what the browser complains about fails the test. */
export const test = base.extend<{ api: FakeApi; complaints: string[] }>({
  // Playwright finds what a fixture needs by this pattern, so that an empty one it must be.
  // eslint-disable-next-line no-empty-pattern
  api: async ({}, use) => {
    const api = new FakeApi();
    await api.start(DIST);
    await use(api);
    await api.stop();
  },
  complaints: [
    async ({ page }, use) => {
      const complaints = await listen(page);
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
