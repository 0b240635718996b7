import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Fail the build when what the page loads before its first picture is larger than so many gzipped bytes. */
export function firstLoadLimit(limit: number): Plugin {
  return {
    name: "first-load-limit",
    enforce: "post",
    generateBundle(_options, bundle) {
      const firstLoad = new Set<string>();
      const follow = (name: string) => {
        const chunk = bundle[name];
        if (chunk?.type !== "chunk" || firstLoad.has(name)) return;
        firstLoad.add(name);
        chunk.viteMetadata?.importedCss.forEach((css) => firstLoad.add(css));
        chunk.imports.forEach(follow);
      };
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === "chunk" && chunk.isEntry) follow(chunk.fileName);
      }
      let bytes = 0;
      for (const name of firstLoad) {
        const part = bundle[name];
        if (part) bytes += gzipSync(part.type === "chunk" ? part.code : part.source).length;
      }
      const told = `first load: ${(bytes / 1000).toFixed(1)} kB gzipped, at most ${limit / 1000}`;
      if (bytes === 0 || bytes > limit) this.error(told);
      this.info(told);
    },
  };
}
