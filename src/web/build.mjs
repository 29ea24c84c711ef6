import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { packageOf } from "../../scripts/package-of.mjs";

/*
 * Builds the page: Vite bundles it, and everything goes into one file with each file of the page as it is and
 * compressed, and with the names of the packages in it. That is dist/web/page.json, which the server reads and the
 * package has, or the one that an argument names.
 */

const source = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const defaultTarget = join(root, "dist/web/page.json");

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

async function buildPage(target) {
  // Loaded here, because an install without devDependencies has no Vite.
  const { build } = await import("vite");
  // Each build has names of its own: two may run at once, and a server that runs must never read half of it.
  const scratch = `${target}.${process.pid}`;
  const folder = `${scratch}.files`;
  const packages = new Set();
  await build({
    root: source,
    // Relative, so that the page also works behind a proxy that adds a path.
    base: "./",
    configFile: false,
    logLevel: "warn",
    plugins: [packagesInto(packages)],
    build: {
      outDir: folder,
      emptyOutDir: true,
      // What docs/page.md says.
      target: ["chrome123", "firefox124", "safari17.5"],
      // The strict Content-Security-Policy allows no data: URLs.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(names.map((name) => packed(name, name.slice(folder.length))));
  await rm(folder, { recursive: true });
  await mkdir(dirname(target), { recursive: true });
  await writeFile(scratch, JSON.stringify({ packages: [...packages].sort(), files }));
  await rename(scratch, target);
}

/** A plugin that collects the packages whose code the page has. */
function packagesInto(packages) {
  return {
    name: "packages",
    generateBundle(_options, bundle) {
      for (const path of Object.values(bundle).flatMap(({ moduleIds = [] }) => moduleIds)) {
        const name = packageOf(path);
        if (name !== undefined) packages.add(name);
      }
    },
  };
}

/** For `npm install`: says why, in place of failing, when the page cannot be built, as without devDependencies. */
export async function tryToBuildPage() {
  try {
    await buildPage(defaultTarget);
  } catch (error) {
    console.warn(`The page was not built (${error.code ?? error.message}). The server works without it.`);
  }
}

async function packed(name, path) {
  const bytes = await readFile(name);
  return {
    path: path.replaceAll("\\", "/").replace(/^\/index\.html$/, "/"),
    type: types[extname(name)],
    hash: createHash("sha256").update(bytes).digest("base64url").slice(0, 16),
    identity: bytes.toString("base64"),
    gzip: gzipSync(bytes, { level: 9 }).toString("base64"),
    br: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }).toString("base64"),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPage(resolve(process.argv[2] ?? defaultTarget));
}
