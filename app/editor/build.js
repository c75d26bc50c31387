// Bundles the editor: `node build.js FOLDER` writes `editor-HASH.js` there, and `licences.txt`, the notices of what is in it.
// Which licences may be is checked in xtask/src/test/licences.rs, from the lock file; here, that each package is
// listed there as part of the product and brings the text of its licence along.

import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
if (!folder) throw new Error("which folder? node build.js FOLDER");

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/index.js"],
  entryNames: "editor-[hash]",
  outdir: folder,
  bundle: true,
  minify: true,
  format: "esm",
  // As old as WebAssembly with SIMD, which the page needs.
  target: ["chrome91", "firefox89", "safari16.4"],
  legalComments: "none",
  banner: { js: "/* Contains CodeMirror and others: see licences.txt beside this file. */" },
  metafile: true,
  logLevel: "warning",
});

const { packages } = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
const bundled = Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
const notices = [...new Set(bundled)].sort().map((path) => {
  const name = path.replace("node_modules/", "");
  const { version, license, dev } = packages[path] ?? {};
  if (!license || dev) throw new Error(`${name} is in the bundle and not among package.json's dependencies`);
  const file = readdirSync(join(here, path)).find((file) => /^(licen[cs]e|copying)/i.test(file));
  if (!file) throw new Error(`${name} brings no text of its licence along`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(here, path, file), "utf8").trim()}\n`;
});
const rule = `\n${"-".repeat(80)}\n\n`;
writeFileSync(join(folder, "licences.txt"), ["The editor contains these packages.\n", ...notices].join(rule));
