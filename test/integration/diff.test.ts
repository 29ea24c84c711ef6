import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { runHere } from "../support/cli.ts";
import { startObsvty } from "../support/obsvty.ts";
import { testFolder } from "../support/test-folder.ts";

const nowhere = { url: "http://127.0.0.1:1" };

interface Run {
  readonly child?: string;
  readonly childFails?: boolean;
  readonly unit?: string;
}

/** A file of a run: a root span with a child, a log record and a metric. */
function fileOf(t: TestContext, { child = "SELECT", childFails = false, unit = "ms" }: Run = {}): string {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  const span = (name: string, spanId: string, more: object = {}) => ({
    ...{ traceId: "ab".repeat(16), spanId: spanId.repeat(16), name, kind: 2, ...more },
    ...{ startTimeUnixNano: "1700000000000000000", endTimeUnixNano: "1700000000002000000" },
  });
  const spans = [
    span(child, "2", { parentSpanId: "1".repeat(16), kind: 3, ...(childFails && { status: { code: 2 } }) }),
    span("GET /cart", "1"),
  ];
  const metrics = [{ name: "latency", unit, gauge: { dataPoints: [{ asInt: "1", timeUnixNano: "1" }] } }];
  const lines = [
    { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] },
    { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ severityNumber: 9 }] }] }] },
    { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] },
  ];
  const path = join(testFolder(t), "run.json");
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

describe("obsvty diff", () => {
  test("a file that is no telemetry is told of, and nothing is compared with it", async (t) => {
    const path = join(testFolder(t), "package.json");
    writeFileSync(path, '{"name":"shop"}\n');
    for (const names of [
      [fileOf(t), path],
      [path, fileOf(t)],
    ]) {
      const { code, stdout, stderr } = await runHere(nowhere, ["diff", "--text", ...names]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /package\.json: nothing in it can be compared\n$/);
    }
  });

  test("runs that differ in counts and errors alone have the same structure", async (t) => {
    const files = [fileOf(t), fileOf(t, { childFails: true })];
    const { code, stdout, stderr } = await runHere(nowhere, ["diff", ...files, "--text"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /\n {2}SELECT {2}shop {2}client +1 +0 → 1 +2 ms +2 ms\n/);
    assert.match(stdout, /\nthe same structure\n$/);
  });

  test("an operation that went, another that came and a metric's unit are told, and end it with 1", async (t) => {
    const files = [fileOf(t), fileOf(t, { child: "INSERT", unit: "s" })];
    const { code, stdout } = await runHere(nowhere, ["diff", ...files], { columns: 80 });
    assert.equal(code, 1);
    assert.match(stdout, /\n\+ INSERT {2}shop {2}client +- → 1/);
    assert.match(stdout, /\n- SELECT {2}shop {2}client +1 → -/);
    assert.match(stdout, /\n- latency {2}shop {2}gauge {2}ms\n\+ latency {2}shop {2}gauge {2}s\n/);
    assert.match(stdout, /\nthe structure differs: operations \+1 -1, metrics \+1 -1\n$/);
    assert.ok(stdout.split("\n").every((line) => line.length <= 80));
  });

  test("a comparison at 80 columns shows the names of operations whole, and says which figure it has no room for", async (t) => {
    const service = "checkout-service-of-the-shop.production.example";
    const names = ["POST /checkout/{cart}/pay", "SELECT orders WHERE id = ?", "SELECT cart"] as const;
    const file = (parents: readonly string[], tookMs: string) => {
      const spans = names.map((name, i) => ({
        ...{ traceId: "ab".repeat(16), spanId: `${i + 1}`.repeat(16), name },
        parentSpanId: (parents[i] ?? "").repeat(16),
        startTimeUnixNano: "1700000000000000000",
        endTimeUnixNano: `1700000000${tookMs}000000`,
      }));
      const resource = { attributes: [{ key: "service.name", value: { stringValue: service } }] };
      const path = join(testFolder(t), "run.json");
      writeFileSync(path, JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }));
      return path;
    };
    const files = [file(["", "1", "1"], "123"), file(["", "3", "1"], "234")];
    const { stdout } = await runHere(nowhere, ["diff", ...files], { columns: 80 });
    for (const name of names) assert.ok(stdout.includes(`\n  ${name}  `), stdout);
    assert.ok(stdout.includes("\n  no room in 80 columns for p95\n"), stdout);
    assert.ok(stdout.includes(`\n- ${names[0]} → ${names[1]}  `), stdout);
    assert.ok(stdout.includes(`\n+ ${names[2]} → ${names[1]}  `), stdout);
    assert.ok(
      stdout.split("\n").every((line) => line.length <= 80),
      stdout,
    );
  });

  test("a file is compared with a server, by the word server or by its URL, and with stdin", async (t) => {
    const server = await startObsvty(t);
    const file = fileOf(t);
    await runHere(server, ["replay", file]);
    for (const name of ["server", server.url]) {
      const { code, stdout, stderr } = await runHere(server, ["diff", file, name]);
      assert.deepEqual([code, stderr, JSON.parse(stdout).differs], [0, "", false]);
    }
    const exported = await runHere(server, ["export"]);
    const { code } = await runHere(server, ["diff", "-", "server"], { stdin: exported.stdout });
    assert.equal(code, 0);
  });

  test("files that are compressed are compared as any other", async (t) => {
    const [before, after] = [fileOf(t), fileOf(t, { child: "UPDATE" })];
    const compressed = join(testFolder(t), "after.json.gz");
    writeFileSync(compressed, gzipSync(readFileSync(after)));
    const plain = await runHere(nowhere, ["diff", before, after]);
    assert.deepEqual(await runHere(nowhere, ["diff", before, compressed]), plain);
    assert.equal(plain.code, 1);
  });

  test("a file that cannot be read whole is told, and ends it with 1", async (t) => {
    const file = fileOf(t);
    const torn = join(testFolder(t), "torn.json");
    writeFileSync(torn, '{"resourceSpans":[{');
    const { code, stderr } = await runHere(nowhere, ["diff", file, torn]);
    assert.equal(code, 1);
    assert.match(stderr, /torn\.json:1: .*torn/);
  });

  for (const [args, exitCode, message] of [
    [["a"], 2, /missing required argument 'after'/],
    [["-", "-"], 2, /stdin can be read once/],
    [["/no/such/file", "-"], 2, /"\/no\/such\/file" cannot be read \(ENOENT\)/],
    [["-", "-", "--signal", "sounds"], 2, /'sounds' is invalid/],
    [["http://127.0.0.1:1", "-"], 1, /nothing answers at http:\/\/127\.0\.0\.1:1: /],
  ] as const) {
    test(`obsvty diff ${args.join(" ")} is refused`, async () => {
      const { code, stderr } = await runHere(nowhere, ["diff", ...args]);
      assert.equal(code, exitCode);
      assert.match(stderr, message);
    });
  }
});
