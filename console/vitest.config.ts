import { defineConfig } from "vitest/config";

export default defineConfig({
  // The time that a test may take is a busy machine's.
  test: { include: ["tests/unit/**/*.test.ts"], environment: "node", testTimeout: 30_000 },
});
