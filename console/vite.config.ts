import { defineConfig } from "vite";
import { firstLoadLimit } from "./tools/first-load-limit.ts";

export default defineConfig({
  build: {
    target: "es2022",
    // A data: URL or an inlined script would ask for a weaker Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  plugins: [firstLoadLimit(200_000)],
});
