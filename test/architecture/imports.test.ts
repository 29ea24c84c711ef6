import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../src", import.meta.url));

interface SourceFile {
  /** Relative to src, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Files of src that it imports, for their types alone too. */
  readonly imports: readonly string[];
  /** Packages, node: modules and files outside of src that it imports. */
  readonly external: readonly string[];
}

const sourcePaths: readonly string[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path));

const files: readonly SourceFile[] = sourcePaths
  // AssemblyScript is another language. Its files import only each other and the memory layout.
  .filter((path) => !path.endsWith(".d.ts") && !path.includes("/assembly/"))
  .map(readSource);

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const specifiers = [
    ...text.matchAll(/(?:^|\n)(?:import|export)[^;]*?from\s+"([^"]+)"/g),
    ...text.matchAll(/(?:^|\n)import\s+"([^"]+)"/g),
    ...text.matchAll(/\bimport\("([^"]+)"\)/g),
  ].map((match) => match[1] ?? "");
  const resolved = specifiers.map((specifier) =>
    specifier.startsWith(".")
      ? relative(root, join(root, dirname(path), specifier)).replaceAll("\\", "/")
      : specifier,
  );
  return {
    path,
    text,
    imports: resolved.filter((target, i) => specifiers[i]?.startsWith(".") && !target.startsWith("..")),
    external: resolved.filter((target, i) => !specifiers[i]?.startsWith(".") || target.startsWith("..")),
  };
}

/** The layers, and the layers and files that each may import beside itself. */
const layers = {
  domain: [],
  otlp: ["domain", "gen"],
  ports: ["domain"],
  // What the server and the clients of the API both have to know of its messages.
  api: ["domain", "gen"],
  "use-cases": ["domain", "otlp", "ports"],
  // Handlers read the settings from a decorator; the type of the settings comes from their schema.
  "adapters/inbound": ["domain", "otlp", "use-cases", "api", "config", "gen", "version.ts"],
  "adapters/outbound": ["domain", "otlp", "ports", "gen"],
  config: [],
  process: ["app.ts", "config", "use-cases"],
  // Clients of the public API: they import nothing of the server, but what OTLP means and how it is handed on.
  cli: ["domain", "otlp", "ports", "use-cases/hand-on", "api", "gen", "version.ts"],
  web: ["domain/signal.ts", "domain/filter.ts", "otlp/content-types.ts", "gen"],
  // A server inside of a test: it reads through the use cases, and shows what the API and the command line show.
  testing: [
    "compose.ts",
    "config",
    "process/in-process.ts",
    "process/log",
    "domain",
    "otlp/exporter-variables.ts",
    "use-cases",
    "api",
    "adapters/inbound/api",
    "adapters/inbound/query-api",
    "adapters/inbound/fault-api",
    "adapters/inbound/otlp-receiver/export-report.ts",
    "cli/flags/filter-request.ts",
    "cli/output",
    "gen",
  ],
} as const satisfies Record<string, readonly string[]>;

/** The files at the top of src, which put the layers together. */
const edge = ["app.ts", "compose.ts", "main.ts", "version.ts"];

/**
 * The rooms of `adapters/inbound`, from the ground up. A room may import rooms of the floors below its own, and
 * on its own floor only the rooms named beside it.
 */
const floors: readonly Readonly<Record<string, readonly string[]>>[] = [
  // Beneath all rooms: the listener and rooms above it both need them.
  { "warning-limit.ts": [], "small-chunks.ts": [], "bag.ts": [], "close-flooding-session.ts": [] },
  { listener: [], body: [], metrics: [] },
  { caller: [] },
  { responses: [] },
  // Adds the decorators that all rooms above read.
  { "core-plugin.ts": [] },
  { admission: [], connect: [] },
  { api: [] },
  {
    "otlp-receiver": [],
    "query-api": [],
    "fault-api": [],
    "jaeger-api": [],
    health: [],
    reflection: [],
    "web-page": [],
  },
  // Shows agents the messages of the API.
  { mcp: [] },
];

function layerOf(path: string): string | undefined {
  return Object.keys(layers).find((layer) => path.startsWith(`${layer}/`));
}

describe("imports point inward:", () => {
  for (const file of files) {
    const layer = layerOf(file.path);
    if (layer === undefined) continue;
    test(`${file.path} imports only what the layer ${layer} may import`, () => {
      const allowed: readonly string[] = [layer, ...layers[layer as keyof typeof layers]];
      const wrong = file.imports.filter(
        (target) => !allowed.some((name) => target === name || target.startsWith(`${name}/`)),
      );
      assert.deepEqual(wrong, []);
    });
  }
});

test("ARCHITECTURE.md says of each folder what it may import", () => {
  const page = readFileSync(fileURLToPath(new URL("../../ARCHITECTURE.md", import.meta.url)), "utf8");
  const names = (cell = "") => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = ""]) => name);
  const [, table = ""] = page.split("| may import |");
  const rows = (table.split("\n\n", 1)[0] ?? "").split("\n").slice(2);
  assert.deepEqual(
    Object.fromEntries(
      rows.map((row) => row.split(" | ")).map(([folder, , allowed]) => [names(folder)[0], names(allowed)]),
    ),
    Object.fromEntries(Object.entries(layers).filter(([layer]) => existsSync(join(root, layer)))),
  );
});

describe("generated code is imported by layers that may:", () => {
  for (const [layer, allowed] of Object.entries<readonly string[]>(layers)) {
    if (allowed.includes("gen")) continue;
    test(`no file of the layer ${layer} imports generated code`, () => {
      const importers = files.filter(
        ({ path, external }) =>
          layerOf(path) === layer && external.some((target) => target.startsWith("../gen/")),
      );
      assert.deepEqual(importers, []);
    });
  }
});

describe("rooms of adapters/inbound import downwards:", () => {
  const inbound = "adapters/inbound/";
  const roomOf = (path: string) => path.slice(inbound.length).split("/", 1).join("");
  const floorOf = (room: string) => floors.findIndex((rooms) => Object.hasOwn(rooms, room));
  for (const { path, imports } of files.filter((file) => file.path.startsWith(inbound))) {
    test(`${path} imports rooms below its own`, () => {
      const room = roomOf(path);
      const floor = floorOf(room);
      assert.notEqual(floor, -1, `${room} has no floor`);
      const wrong = imports
        .filter((target) => target.startsWith(inbound))
        .map(roomOf)
        .filter(
          (other) => other !== room && !(floorOf(other) < floor) && !floors[floor]?.[room]?.includes(other),
        );
      assert.deepEqual(wrong, []);
    });
  }
});

test("every file is in a layer or at the edge", () => {
  const strays = files
    .map((file) => file.path)
    .filter((path) => layerOf(path) === undefined && !edge.includes(path));
  assert.deepEqual(strays, []);
});

test("src/domain imports no package and nothing generated", () => {
  for (const file of files.filter(({ path }) => path.startsWith("domain/"))) {
    assert.deepEqual(file.external, [], file.path);
  }
});

test("only adapters import HTTP, gRPC, Connect or Fastify", () => {
  const transports = /^(?:node:(?:http|http2|https|net|tls)|fastify|@fastify\/|@connectrpc\/|@grpc\/)/;
  for (const file of files.filter(({ path }) => /^(?:domain|otlp|ports|use-cases)\//.test(path))) {
    assert.deepEqual(
      file.external.filter((target) => transports.test(target)),
      [],
      file.path,
    );
  }
});

test("only compose.ts imports outbound adapters", () => {
  const importers = files.filter(
    ({ path, imports }) =>
      !path.startsWith("adapters/outbound/") &&
      imports.some((target) => target.startsWith("adapters/outbound/")),
  );
  assert.deepEqual(
    importers.map(({ path }) => path),
    ["compose.ts"],
  );
});

test("main.ts alone loads the command line and the server, each only when it runs it", () => {
  const importers = files.filter(
    ({ path, imports }) =>
      !path.startsWith("cli/") &&
      !path.startsWith("testing/") &&
      imports.some((target) => target.startsWith("cli/") || target === "process/run-service.ts"),
  );
  assert.deepEqual(
    importers.map(({ path }) => path),
    ["main.ts"],
  );
  assert.doesNotMatch(readFileSync(join(root, "main.ts"), "utf8"), /^import/m);
});

test("the command line and the page import of the project only the messages of the public API", () => {
  const api = /^\.\.\/gen\/(?:obsvty|opentelemetry|google|grpc)\//;
  for (const { path, external } of files.filter((file) => /^(?:cli|web)\//.test(file.path))) {
    assert.deepEqual(
      external.filter((target) => target.startsWith("..") && !api.test(target)),
      [],
      path,
    );
  }
});

test("the command line imports no package that only the server needs", () => {
  const serverPackages =
    /^(?:fastify|fastify-plugin|pino|pino-pretty|env-schema|prom-client|@fastify\/|@connectrpc\/connect-fastify)/;
  for (const { path, external } of files.filter((file) => file.path.startsWith("cli/"))) {
    assert.deepEqual(
      external.filter((target) => serverPackages.test(target)),
      [],
      path,
    );
  }
});

test("no file imports itself through others, not even for types", () => {
  const importsOf = new Map(files.map((file) => [file.path, file.imports]));
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), `cycle: ${[...trail, path].join(" -> ")}`);
    if (finished.has(path)) return;
    for (const target of importsOf.get(path) ?? []) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const { path } of files) visit(path, []);
});

test("nothing of src imports what is for tests", () => {
  for (const { path, imports } of files.filter((file) => !file.path.startsWith("testing/"))) {
    assert.ok(!imports.some((target) => target.startsWith("testing/")), path);
  }
});

test("content types are written in one file alone", () => {
  const writers = files.filter(({ text }) => /["'`]application\//.test(text)).map(({ path }) => path);
  assert.deepEqual(writers, ["otlp/content-types.ts"]);
});

/** Files have under 200 lines as a rule. A file beyond this bound has two subjects. */
const maxLines = 300;

test(`no file of src, AssemblyScript included, has more than ${maxLines} lines`, () => {
  const long = sourcePaths.filter(
    (path) => readFileSync(join(root, path), "utf8").split("\n").length > maxLines + 1,
  );
  assert.deepEqual(long, []);
});

test("files and folders have names in kebab case", () => {
  const kebab = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*[/.])+tsx?$/;
  assert.deepEqual(
    files.map(({ path }) => path).filter((path) => !kebab.test(path)),
    [],
  );
});

test("no file has a default export, and none re-exports all of another", () => {
  for (const { path, text } of files) {
    assert.doesNotMatch(text, /^export default/m, path);
    assert.doesNotMatch(text, /^export \*/m, path);
  }
});

/** Where each package that has one task is imported. */
const homes: Readonly<Record<string, readonly string[]>> = {
  "@connectrpc/connect-fastify": ["adapters/inbound/connect"],
  "@connectrpc/connect-node": ["adapters/outbound/otlp-sink", "cli"],
  "@fastify/cors": ["adapters/inbound/admission"],
  "@fastify/rate-limit": ["adapters/inbound/admission", "adapters/inbound/listener"],
  "@modelcontextprotocol/server": ["adapters/inbound/mcp"],
  "@platformatic/kafka": ["adapters/outbound/kafka-sink"],
  commander: ["cli"],
  "env-schema": ["config"],
  "pino-pretty": ["process"],
  "prom-client": ["adapters/inbound/metrics"],
};

for (const [name, folders] of Object.entries(homes)) {
  test(`${name} is imported by ${folders.join(" and ")} alone`, () => {
    const importers = files.filter(({ external }) =>
      external.some((target) => target === name || target.startsWith(`${name}/`)),
    );
    const strays = importers.filter(({ path }) => !folders.some((folder) => path.startsWith(`${folder}/`)));
    assert.deepEqual(
      strays.map(({ path }) => path),
      [],
    );
    assert.ok(importers.length > 0);
  });
}

test("the sink of Kafka is loaded only when it is set up", () => {
  const sink = "adapters/outbound/kafka-sink/";
  const outside = files.filter(({ path }) => !path.startsWith(sink));
  for (const { path, text } of outside) {
    assert.doesNotMatch(text, /(?:^|\n)import (?!type)[^;]*?from\s+"[^"]*\/kafka-sink\//, path);
  }
});

test("what answers the Model Context Protocol is loaded at the first call", () => {
  for (const { path, text } of files) {
    assert.doesNotMatch(text, /(?:^|\n)import [^;]*?from\s+"[^"]*\/mcp-answer\.ts"/, path);
  }
});
