import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startReceiver } from "../../../src/testing/start-receiver.ts";
import { heapBytes } from "../../support/heap.ts";
import { query } from "../../support/obsvty.ts";
import { sendCount, sendLog, sendSpans, shopSpan, shopTraceId } from "../../support/shop-telemetry.ts";

const run = promisify(execFile);

describe("reading:", () => {
  test("items read from a receiver have the shapes of the API's JSON", async () => {
    await using receiver = await startReceiver();
    await Promise.all([
      sendSpans(receiver, shopSpan({ id: "01", name: "GET /cart", error: "boom" })),
      sendLog(receiver, "card declined"),
      sendCount(receiver, "shop.orders", 3),
    ]);
    const api = { url: receiver.endpoint };
    assert.deepEqual(await receiver.spans(), (await query(api, "SearchSpans")).spans);
    assert.deepEqual(await receiver.logs(), (await query(api, "SearchLogs")).logs);
    assert.deepEqual(await receiver.metrics(), (await query(api, "SearchMetrics")).metrics);
  });

  test("a receiver's filter takes the API's fields, short names, patterns, numbers and conditions of its own", async () => {
    await using receiver = await startReceiver();
    await sendSpans(
      receiver,
      shopSpan({ id: "01", name: "GET /cart" }),
      shopSpan({ id: "02", name: "GET /item", error: "boom" }),
      shopSpan({ id: "03", name: "SELECT" }),
    );
    await sendCount(receiver, "shop.orders", 3);
    const names = async (filter: Parameters<typeof receiver.spans>[0]) =>
      (await receiver.spans(filter)).map(({ name }) => name);
    assert.deepEqual(await names({ name: /^GET/g }), ["GET /cart", "GET /item"]);
    assert.deepEqual(await names({ statusCode: "error" }), ["GET /item"]);
    assert.deepEqual(await names({ statusCode: "STATUS_CODE_ERROR" }), ["GET /item"]);
    assert.deepEqual(await names({ kind: "client" }), []);
    assert.deepEqual(await names({ service: "shop", attributes: { "cart.items": 3 }, name: "SELECT" }), [
      "SELECT",
    ]);
    assert.deepEqual(await names({ attributes: { "cart.items": 4 } }), []);
    assert.equal((await names({ minDuration: 1.5, maxDuration: "0.0015s" })).length, 3);
    assert.equal((await names({ minDuration: 1.6 })).length, 0);
    assert.equal(
      (await names({ since: new Date("2026-11-23T10:00:00Z"), until: "2026-11-23T10:00:01Z" })).length,
      3,
    );
    assert.deepEqual(await names({ where: ({ spanId }) => spanId.endsWith("3") }), ["SELECT"]);
    assert.equal((await receiver.metrics({ name: "shop.orders", type: "sum", value: 3 })).length, 1);
    assert.equal((await receiver.metrics({ value: 3n })).length, 1);
    assert.equal((await receiver.metrics({ value: 4 })).length, 0);
  });

  test("a receiver's filter that makes no sense is refused, and its field is named", async () => {
    await using receiver = await startReceiver();
    const refused = (filter: object, message: RegExp) =>
      assert.rejects(receiver.spans(filter), { name: "TypeError", message });
    await refused({ nmae: "x" }, /^filter\.nmae: no such field$/);
    await refused({ name: "" }, /^filter\.name: must not be empty$/);
    await refused({ kind: "srver" }, /^filter\.kind: .*SPAN_KIND_SERVER/);
    await refused({ traceId: "5b8e" }, /^filter\.traceId: /);
    await refused({ minDuration: "10ms" }, /^filter\.minDuration: /);
    await refused({ where: true }, /^filter\.where: must be a function$/);
    await refused({ since: new Date(Number.NaN) }, /^filter\.since: must be a valid Date$/);
    for (const filter of [5, "GET /", null, [], [{ name: "x" }]]) {
      await refused(filter as never, /^filter: must be an object$/);
    }
    await assert.rejects(receiver.metrics({ value: "3" as never }), { name: "TypeError" });
    await assert.rejects(receiver.waitForSpans({}, { count: 0 }), { name: "TypeError", message: /^count: / });
    await assert.rejects(receiver.waitForSpans({}, { timeoutMs: -1 }), {
      name: "TypeError",
      message: /^timeoutMs: /,
    });
  });

  test("a failure in a condition of the test's own reaches the test", async () => {
    await using receiver = await startReceiver();
    await sendSpans(receiver, shopSpan({ id: "01", name: "GET /cart" }));
    const where = () => {
      throw new RangeError("mine");
    };
    await assert.rejects(receiver.spans({ where }), { name: "RangeError", message: "mine" });
    await assert.rejects(receiver.waitForSpans({ where }), { name: "RangeError", message: "mine" });
    const later = async () => false;
    await assert.rejects(receiver.spans({ where: later as never }), {
      name: "TypeError",
      message: /at once/,
    });
  });

  test("a receiver reads more items than one page of the API holds", async () => {
    await using receiver = await startReceiver({ settings: { MAX_BUFFER_SIZE: "30000" } });
    const spans = Array.from({ length: 4_000 }, (_, i) => shopSpan({ id: String(i + 1), name: `span ${i}` }));
    for (let sent = 0; sent < 3; sent++) await sendSpans(receiver, ...spans);
    const read = await receiver.spans();
    assert.equal(read.length, 12_000);
    assert.deepEqual([read[0]?.name, read.at(-1)?.name], ["span 0", "span 3999"]);
  });

  test("clear of a receiver forgets what was there before, requests too", async () => {
    await using receiver = await startReceiver();
    await sendSpans(receiver, shopSpan({ id: "01", name: "GET /cart" }));
    receiver.clear();
    assert.deepEqual([await receiver.spans(), receiver.requests()], [[], []]);
    await assert.rejects(receiver.waitForSpans({}, { timeoutMs: 0 }), /no spans are held/);
  });
});

describe("waiting:", () => {
  test("a wait ends when enough items have come", async () => {
    await using receiver = await startReceiver();
    const waits = [
      receiver.waitForSpans({ name: "GET /cart" }, { count: 2 }),
      receiver.waitForLogs({ minSeverity: "error" }),
      receiver.waitForMetrics({ name: "shop.orders" }),
    ];
    await sendSpans(receiver, shopSpan({ id: "01", name: "GET /cart" }));
    await sendSpans(receiver, shopSpan({ id: "02", name: "GET /cart" }));
    await sendLog(receiver, "card declined");
    await sendCount(receiver, "shop.orders", 3);
    assert.deepEqual(
      (await Promise.all(waits)).map(({ length }) => length),
      [2, 1, 1],
    );
  });

  test("a wait in vain says how many came, the nearest miss with its values, and what is held", async () => {
    await using receiver = await startReceiver();
    await sendSpans(
      receiver,
      shopSpan({ id: "01", name: "GET /cart" }),
      shopSpan({ id: "02", parent: "01", name: "SELECT" }),
    );
    const filter = { name: "GET /cart", statusCode: "error" } as const;
    await assert.rejects(receiver.waitForSpans(filter, { count: 2, timeoutMs: 1 }), (failure: Error) => {
      assert.equal(failure.name, "AssertionError");
      const lines = failure.message.split("\n");
      assert.equal(
        lines[0],
        "expected 2 spans that match { name: 'GET /cart', statusCode: 'error' } within 1 ms, none did",
      );
      assert.equal(
        lines[1],
        "the nearest miss failed on statusCode: wanted 'error', it is 'STATUS_CODE_UNSET'",
      );
      assert.match(
        failure.message,
        /held: 2 spans in 1 trace:\n {2}5b8efff7.*\n {2}GET \/cart .*\n {2}└─ SELECT /,
      );
      return true;
    });
  });

  test("the message of a wait in vain is bounded, however much is held", async () => {
    await using receiver = await startReceiver();
    const long = "x".repeat(3_000);
    const spans = Array.from({ length: 500 }, (_, i) =>
      shopSpan({ id: String(i + 10), name: `${long}${i}`, traceId: String(i).padStart(32, "a") }),
    );
    await sendSpans(receiver, ...spans);
    const attributes = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${long}${i}`, long]));
    await assert.rejects(
      receiver.waitForSpans({ name: long, attributes }, { timeoutMs: 0 }),
      ({ message }: Error) => {
        assert.ok(message.length < 10_000, String(message.length));
        return true;
      },
    );
  });

  test("a wait ends when the receiver is closed", async () => {
    const receiver = await startReceiver();
    const waiting = assert.rejects(receiver.waitForSpans(), /the receiver was closed/);
    await Promise.all([receiver.close(), receiver.close()]);
    await waiting;
  });
});

describe("traces:", () => {
  test("a trace is a tree whose nodes know their parent, children and what is below them", async () => {
    await using receiver = await startReceiver();
    await sendSpans(
      receiver,
      shopSpan({ id: "03", parent: "02", name: "SELECT" }),
      shopSpan({ id: "01", name: "GET /cart" }),
      shopSpan({ id: "02", parent: "01", name: "load cart" }),
    );
    const trace = await receiver.trace(shopTraceId.toUpperCase());
    assert.equal(trace.isComplete, true);
    assert.deepEqual([trace.traceId, trace.spans.length, trace.roots.length], [shopTraceId, 3, 1]);
    assert.equal(trace.root.span.name, "GET /cart");
    assert.deepEqual(
      trace.root.children.map(({ span }) => span.name),
      ["load cart"],
    );
    const select = trace.find("SELECT");
    assert.equal(select?.parent?.parent, trace.root);
    assert.equal(
      trace.root.find(/^load/)?.find(({ children }) => children.length === 0),
      select,
    );
    assert.equal(select?.find("GET /cart"), undefined);
    assert.match(String(trace), /GET \/cart[\s\S]*└─ load cart[\s\S]*└─ SELECT/);
  });

  test("a span whose parent is not held is a root of a trace that is not complete", async () => {
    await using receiver = await startReceiver();
    await sendSpans(receiver, shopSpan({ id: "02", parent: "01", name: "load cart" }));
    const trace = await receiver.trace(shopTraceId);
    assert.deepEqual(
      [trace.isComplete, trace.root.span.name, trace.root.parent],
      [false, "load cart", undefined],
    );
    const waiting = receiver.waitForTrace({ name: "load cart" });
    await sendSpans(receiver, shopSpan({ id: "01", name: "GET /cart" }));
    assert.equal((await waiting).root.span.name, "GET /cart");
    await assert.rejects(
      receiver.trace("0".repeat(31).concat("1")),
      /no span of trace 0+1 is held\nheld: 2 spans/,
    );
  });

  test("a trace that is not complete in time is shown as it is", async () => {
    await using receiver = await startReceiver();
    await sendSpans(receiver, shopSpan({ id: "02", parent: "01", name: "load cart" }));
    await assert.rejects(receiver.waitForTrace({ name: "load cart" }, { timeoutMs: 1 }), {
      name: "AssertionError",
      message: /not complete after 1 ms:\n[\s\S]*\(parent e{14}01 not held\)\n.*load cart/,
    });
  });
});

describe("in the process of a test:", () => {
  test("many receivers side by side get what is sent to each", async () => {
    const receivers = await Promise.all(Array.from({ length: 20 }, () => startReceiver()));
    await Promise.all(
      receivers.map((receiver, i) => sendSpans(receiver, shopSpan({ id: "01", name: `span ${i}` }))),
    );
    const names = await Promise.all(
      receivers.map(async (receiver) => (await receiver.spans()).map(({ name }) => name)),
    );
    assert.deepEqual(
      names,
      receivers.map((_, i) => [`span ${i}`]),
    );
    assert.equal(new Set(receivers.map(({ endpoint }) => endpoint)).size, 20);
    await Promise.all(receivers.map((receiver) => receiver.close()));
  });

  test("receivers that are closed leave nothing behind", async () => {
    const useOne = async () => {
      await using receiver = await startReceiver();
      await sendSpans(receiver, shopSpan({ id: "01", name: "GET /cart" }));
      await receiver.waitForSpans();
    };
    const useSome = async () => {
      for (let i = 0; i < 12; i++) await useOne();
      return heapBytes();
    };
    await useSome();
    const before = await useSome();
    const growth = (await useSome()) - before;
    assert.ok(growth < 500_000, `${growth} bytes`);
  });

  test("a receiver takes a setting, and names one that is not allowed or does not exist", async () => {
    await using receiver = await startReceiver({ settings: { MAX_BUFFER_SIZE: "1" } });
    await sendSpans(receiver, shopSpan({ id: "01", name: "a" }), shopSpan({ id: "02", name: "b" }));
    assert.equal((await receiver.spans()).length, 1);
    await assert.rejects(startReceiver({ settings: { MAX_BUFER_SIZE: "1" } }), /settings\.MAX_BUFER_SIZE/);
    await assert.rejects(startReceiver({ settings: { MAX_BUFFER_SIZE: "x" } }), /MAX_BUFFER_SIZE: "x"/);
    await assert.rejects(startReceiver({ settings: { FAULT_INJECTION: "false" } }), /FAULT_INJECTION/);
  });

  test("a receiver reads no .env and no variables, writes nothing, changes nothing of the process, which ends by itself", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "obsvty-testing-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, ".env"), "OTLP_GRPC_PORT=not-a-port\n");
    const program = join(folder, "program.ts");
    const module = (path: string) =>
      JSON.stringify(new URL(`../../../src/testing/${path}`, import.meta.url).href);
    writeFileSync(
      program,
      `import assert from "node:assert/strict";
      import { startReceiver } from ${module("testing.ts")};
      const stateOf = () => JSON.stringify([
        process.env,
        ["SIGINT", "SIGTERM", "SIGHUP", "uncaughtException", "unhandledRejection", "exit", "beforeExit"]
          .map((event) => process.listenerCount(event)),
        [process.stdout, process.stderr].map((stream) => stream.eventNames().map((event) => stream.listenerCount(event))),
        process.exitCode, process.title, process.umask(),
      ]);
      process.stdout; process.stderr;
      const before = stateOf();
      for (let i = 0; i < 12; i++) {
        await using receiver = await startReceiver({ logLevel: i === 0 ? "info" : "silent" });
        receiver.faults.script([{ delay: 60_000 }]);
        void fetch(receiver.endpoint + "/v1/traces", { method: "POST", body: "{}",
          headers: { "content-type": "application/json" } }).catch(() => {});
        await fetch(receiver.endpoint + "/health").then((answer) => answer.text());
        assert.equal(stateOf(), before);
      }
      assert.equal(stateOf(), before);`,
    );
    const env = { ...process.env, OTLP_GRPC_PORT: "not-a-port", LOG_LEVEL: "trace", NODE_V8_COVERAGE: "" };
    const { stdout, stderr } = await run(process.execPath, [program], { cwd: folder, env, timeout: 60_000 });
    assert.deepEqual([stdout, stderr], ["", ""]);
  });

  test("a child process is configured by a receiver's env alone, and what it sends comes soon", async () => {
    await using receiver = await startReceiver();
    const main = fileURLToPath(new URL("../../../examples/node-client/main.js", import.meta.url));
    const env = { ...process.env, NODE_OPTIONS: "", ...receiver.env };
    const [trace, [log], [point]] = await Promise.all([
      receiver.waitForTrace({ name: "POST /checkout", statusCode: "error" }, { timeoutMs: 60_000 }),
      receiver.waitForLogs({ minSeverity: "error" }, { timeoutMs: 60_000 }),
      receiver.waitForMetrics({}, { timeoutMs: 60_000 }),
      run(process.execPath, [main], { env }),
    ]);
    assert.ok(trace.find("charge card"));
    assert.equal(log?.service, "shop");
    assert.equal(point?.service, "shop");
  });
});
