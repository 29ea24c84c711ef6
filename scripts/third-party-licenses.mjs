import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageOf } from "./package-of.mjs";

/*
 * Writes the licences of the packages whose code is part of what is delivered, because they ask for that:
 * `third-party-licenses.mjs OUTPUT METAFILE PAGE [--node]`, where METAFILE is esbuild's of the program, and PAGE the
 * built page. With --node, the Node of this project is delivered too.
 */

const root = fileURLToPath(new URL("..", import.meta.url));
const [target = "", metafile = "", page = "", flag] = process.argv.slice(2);

/** Its runtime is compiled into each WebAssembly module. */
const compiledIn = ["assemblyscript"];

/** Parts of packages that are named otherwise where they are made, with the same licence. */
const partsOf = new Set(["@modelcontextprotocol/core-internal"]);

const { outputs } = readJson(metafile);
const inProgram = Object.values(outputs)
  .flatMap(({ inputs }) => Object.entries(inputs))
  .flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? packagesIn(join(root, path)) : []));
const node = flag === "--node" ? [nodeOfThisPlatform()] : [];
const names = [...new Set([...inProgram, ...readJson(page).packages, ...compiledIn, ...node])].sort();

const intro = `The code of these packages is part of this delivery: ${names.join(", ")}.

The definitions of the OpenTelemetry Protocol, of Jaeger's query API and of the services of gRPC, of which code has been
generated, are under the Apache License 2.0 as well as the package itself.
`;
writeFileSync(target, [intro, ...names.map(noticesOf)].join(`\n${"-".repeat(80)}\n\n`));

/** The package `node` fetches one more, which has the program for this platform and its licence. */
function nodeOfThisPlatform() {
  const inside = "node/node_modules";
  const names = readdirSync(join(root, "node_modules", inside));
  return join(inside, String(names.find((name) => /^node-(?!bin-setup)/.test(name))));
}

/** The package that a file is of, and those that have been bundled into it before, as its source map tells. */
function packagesIn(path) {
  const name = packageOf(path);
  if (name === undefined) return [];
  const sources = existsSync(`${path}.map`) ? readJson(`${path}.map`).sources : [];
  return [name, ...sources.flatMap((source) => packageOf(source) ?? [])].filter((each) => !partsOf.has(each));
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * A package that only comes within another one is not installed: its terms are in a file here. A package that has
 * no text of its licence with it is named with what it says of itself.
 */
function noticesOf(name) {
  const own = join(root, "scripts/licenses", `${name}.txt`);
  if (existsSync(own)) return readFileSync(own, "utf8");
  const folder = join(root, "node_modules", name);
  const { version, license, author, repository } = readJson(join(folder, "package.json"));
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  const origin = [author?.name ?? author, repository?.url ?? repository].filter(Boolean).join(", ");
  if (texts.length === 0) texts.push(`Of ${origin}; it has no other text of this licence with it.`);
  return `${name} ${version} (${license})\n\n${texts.join("\n\n")}\n`;
}
