/** Builds frontend/ into viddlws/web/static/dist: hashed files, each also as .gz and .br, a manifest, and the icons. */
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";
import { ICONS } from "./frontend/icons.js";

const OUT = "viddlws/web/static/dist";

/** The icons that the pages use, as one file of <symbol>s. */
function iconSprite(): Plugin {
  return {
    name: "icon-sprite",
    buildStart() {
      const symbols = ICONS.map((name) => {
        const svg = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, "utf8");
        const shapes = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s+/g, " ");
        return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.trim()}</symbol>`;
      });
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
      this.emitFile({ type: "asset", name: "icons.svg", source, originalFileName: "frontend/icons.svg" });
    },
  };
}

/** video.js carries its icon font inside its style sheet; our policy allows fonts only as files of our own. */
function fontAsFile(): Plugin {
  return {
    name: "font-as-file",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("video-js.css")) return null;
      return code.replace(/url\(data:application\/font-woff[^)]*\)/, 'url("./font/VideoJS.woff")');
    },
  };
}

/** WhiteNoise sends these instead of the plain files to whoever accepts them. */
function compressed(): Plugin {
  return {
    name: "compressed",
    closeBundle() {
      for (const name of readdirSync(OUT, { recursive: true }) as string[]) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const path = join(OUT, name);
        const content = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(content));
      }
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [tailwindcss(), iconSprite(), fontAsFile(), compressed()],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    rollupOptions: { input: { main: "frontend/main.ts", watch: "frontend/watch.ts" } },
  },
});
