import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../src", import.meta.url));

interface SourceFile {
  /** Relative to src, with slashes. */
  readonly path: string;
  /** Files of src that it imports. */
  readonly imports: readonly string[];
  /** Packages, node: modules and gen/ that it imports. */
  readonly external: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  // The scanner's AssemblyScript is another language; it imports nothing but its neighbours.
  .filter(
    (path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.startsWith("otlp/scan/assembly/"),
  )
  .map(readSource);

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  const specifiers = [
    ...text.matchAll(/(?:^|\n)(?:import|export)[^;]*?from\s+"([^"]+)"/g),
    ...text.matchAll(/\bimport\("([^"]+)"\)/g),
  ].map((match) => match[1] ?? "");
  const resolved = specifiers.map((specifier) =>
    specifier.startsWith(".")
      ? relative(root, join(root, dirname(path), specifier)).replaceAll("\\", "/")
      : specifier,
  );
  return {
    path,
    imports: resolved.filter((target, i) => specifiers[i]?.startsWith(".") && !target.startsWith("..")),
    external: resolved.filter((target, i) => !specifiers[i]?.startsWith(".") || target.startsWith("..")),
  };
}

/** The layers, and what each may import beside itself. */
const layers = {
  domain: [],
  otlp: ["domain"],
  ports: ["domain"],
  "use-cases": ["domain", "otlp", "ports"],
  // The settings reach handlers by a decorator; their shape is the schema's own.
  "adapters/inbound": ["domain", "otlp", "use-cases", "config", "version.ts"],
  "adapters/outbound": ["domain", "otlp", "ports"],
  config: [],
  process: ["app.ts", "config", "use-cases"],
  // Clients of the public API, like any other: of the server they know nothing.
  cli: ["version.ts"],
  web: [],
} as const satisfies Record<string, readonly string[]>;

/** At the top of src: what puts the layers together. */
const edge = ["app.ts", "compose.ts", "main.ts", "version.ts"];

/**
 * The rooms of `adapters/inbound`, from the ground up. A room imports rooms of the floors below its own, and
 * none on its own floor but those named beside it.
 */
const floors: readonly Readonly<Record<string, readonly string[]>>[] = [
  { listener: [], body: [], metrics: [] },
  { caller: [] },
  { responses: [] },
  // The decorators that all above read.
  { "core-plugin.ts": [] },
  { admission: [], connect: [] },
  { "otlp-receiver": [], "query-api": [], "fault-api": [], health: [], reflection: [] },
];

function layerOf(path: string): string | undefined {
  return Object.keys(layers).find((layer) => path.startsWith(`${layer}/`));
}

describe("imports point inward:", () => {
  for (const file of files) {
    const layer = layerOf(file.path);
    if (layer === undefined) continue;
    test(`${file.path} imports only what ${layer} may`, () => {
      const allowed: readonly string[] = [layer, ...layers[layer as keyof typeof layers]];
      const wrong = file.imports.filter(
        (target) => !allowed.some((name) => target === name || target.startsWith(`${name}/`)),
      );
      assert.deepEqual(wrong, []);
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

test("the domain imports no package and nothing generated", () => {
  for (const file of files.filter(({ path }) => path.startsWith("domain/"))) {
    assert.deepEqual(file.external, [], file.path);
  }
});

test("what is below the inbound adapters knows nothing of HTTP, gRPC, Connect or Fastify", () => {
  const transports = /^(?:node:(?:http|http2|https|net|tls)|fastify|@fastify\/|@connectrpc\/|@grpc\/)/;
  for (const file of files.filter(({ path }) =>
    /^(?:domain|otlp|ports|use-cases|adapters\/outbound)\//.test(path),
  )) {
    assert.deepEqual(
      file.external.filter((target) => transports.test(target)),
      [],
      file.path,
    );
  }
});

test("only compose.ts sees outbound adapters", () => {
  const seers = files.filter(
    ({ path, imports }) =>
      !path.startsWith("adapters/outbound/") &&
      imports.some((target) => target.startsWith("adapters/outbound/")),
  );
  assert.deepEqual(
    seers.map(({ path }) => path),
    ["compose.ts"],
  );
});

test("the command line and the server are loaded by main.ts alone, each when it is asked for", () => {
  const importers = files.filter(
    ({ path, imports }) =>
      !path.startsWith("cli/") &&
      imports.some((target) => target.startsWith("cli/") || target === "process/run-service.ts"),
  );
  assert.deepEqual(
    importers.map(({ path }) => path),
    ["main.ts"],
  );
  assert.doesNotMatch(readFileSync(join(root, "main.ts"), "utf8"), /^import/m);
});

test("the command line loads nothing that only the server needs", () => {
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

test("no file imports itself by a detour", () => {
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

test("no file has a default export, and none only hands others on", () => {
  for (const { path } of files) {
    const text = readFileSync(join(root, path), "utf8");
    assert.doesNotMatch(text, /^export default/m, path);
    assert.doesNotMatch(text, /^export \*/m, path);
  }
});
