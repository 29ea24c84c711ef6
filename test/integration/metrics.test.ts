import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { startObsvty } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { frame } from "../support/raw-grpc.ts";
import type { TestServer } from "../support/server.ts";
import { ways } from "../support/ways-in.ts";
import { lengthDelimited, spanIdBytes, traceRequest, validSpanFields } from "../support/wire.ts";

const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));
const partlyWrong = traceRequest(validSpanFields, lengthDelimited(2, spanIdBytes));

/** The samples of `GET /metrics`, by their names and labels as printed. */
async function scrape({ url }: Pick<TestServer, "url">): Promise<Map<string, number>> {
  const reply = await fetch(`${url}/metrics`);
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const lines = (await reply.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** The samples that `expected` names. */
async function assertSamples(server: TestServer, expected: Readonly<Record<string, number>>) {
  const samples = await scrape(server);
  assert.deepEqual(
    Object.fromEntries(Object.keys(expected).map((sample) => [sample, samples.get(sample)])),
    expected,
  );
}

for (const { name, transport, fastPath, send } of ways) {
  describe(`GET /metrics after exports by ${name}`, () => {
    const of = `receiver="otlp",transport="${transport}"`;
    const requests = (outcome: string, reason = "") =>
      `otelcol_receiver_requests{${of},signal="traces",outcome="${outcome}",reason="${reason}"}`;

    test(`GET /metrics counts requests, items, bytes and durations of exports by ${name}`, async (t) => {
      const server = await startObsvty(t, { fastPath });
      await send(t, server, { body: trace });
      await send(t, server, { body: partlyWrong });
      await assertSamples(server, {
        [`otelcol_receiver_accepted_spans{${of}}`]: 4,
        [`otelcol_receiver_refused_spans{${of}}`]: 1,
        [`otelcol_receiver_accepted_log_records{${of}}`]: 0,
        [requests("success")]: 1,
        [requests("partial_success")]: 1,
        [`obsvty_received_bytes_total{transport="${transport}",signal="traces"}`]:
          trace.byteLength + partlyWrong.byteLength,
        [`otelcol_receiver_duration_count{${of},signal="traces"}`]: 2,
        [`otelcol_receiver_duration_bucket{${of},signal="traces",le="+Inf"}`]: 2,
        [`otelcol_receiver_duration_bucket{${of},signal="traces",le="10"}`]: 2,
      });
    });

    test(`GET /metrics counts refused exports by ${name} by their reason`, async (t) => {
      const server = await startObsvty(t, { settings: { INGEST_TOKEN: "sender" }, fastPath });
      await send(t, server, { body: trace });
      await send(t, server, { body: trace, token: "wrong" });
      await send(t, server, { body: Buffer.from([0xff]), token: "sender" });
      await assertSamples(server, {
        [requests("success")]: 0,
        [requests("refused", "unauthenticated")]: 2,
        [requests("refused", "not-the-message")]: 1,
        // Only requests whose bodies were read have durations.
        [`otelcol_receiver_duration_count{${of},signal="traces"}`]: 1,
      });
    });

    test(`GET /metrics counts injected faults of exports by ${name} by themselves`, async (t) => {
      const server = await startObsvty(t, { settings: { FAULT_INJECTION: "true" }, fastPath });
      server.core.faults?.set([{ times: 1, fault: { kind: "status", status: 14, message: "no" } }]);
      await send(t, server, { body: trace });
      await assertSamples(server, { [requests("refused", "injected-fault")]: 1 });
    });
  });
}

describe("an export that Connect's library refuses", () => {
  const grpcWeb = "application/grpc-web+proto";
  const rows: readonly (readonly [what: string, reason: string, type: string, body: Uint8Array | string])[] =
    [
      ["a compressed frame without an encoding", "protocol-error", grpcWeb, frame(trace, 1)],
      ["bytes that are not the message", "not-the-message", grpcWeb, frame(Buffer.from([0xff]))],
      ["JSON that is not the message", "not-the-message", "application/json", "[]"],
      ["a message over the limit", "too-large", "application/proto", Buffer.alloc(20_000)],
    ];
  for (const [what, reason, type, body] of rows) {
    test(`an export that Connect refuses is counted by an error code of obsvty: ${what}`, async (t) => {
      const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: "10000" } });
      await fetch(`${server.url}${exportPath("traces")}`, {
        ...post(Buffer.from(body)),
        headers: { "content-type": type },
      });
      const transport = type === grpcWeb ? "grpc-web" : "connect";
      await assertSamples(server, {
        [`otelcol_receiver_requests{receiver="otlp",transport="${transport}",signal="traces",outcome="refused",reason="${reason}"}`]: 1,
      });
      assert.deepEqual(
        server.logs.filter(({ level }) => level >= 50),
        [],
      );
    });
  }
});

test("a refused export is counted for every spelling of its path", async (t) => {
  const server = await startObsvty(t);
  await fetch(`${server.url}/v1/%74races`, post(Buffer.from([0xff])));
  await assertSamples(server, {
    'otelcol_receiver_requests{receiver="otlp",transport="http",signal="traces",outcome="refused",reason="not-the-message"}': 1,
  });
});

describe("GET /metrics", () => {
  test("GET /metrics shows items, bytes and evictions of the buffer", async (t) => {
    const server = await startObsvty(t, { settings: { MAX_BUFFER_SIZE: "2" } });
    await fetch(`${server.url}/v1/traces`, post(trace));
    await assertSamples(server, {
      'obsvty_buffer_items{signal="traces"}': 2,
      'obsvty_buffer_items{signal="logs"}': 0,
      'obsvty_buffer_evicted_items_total{signal="traces"}': 1,
      obsvty_buffer_max_items: 2,
      obsvty_buffer_max_bytes: 16 << 20,
      obsvty_watchers: 0,
      'obsvty_build_info{version="0.1.0"}': 1,
    });
    const samples = await scrape(server);
    assert.ok((samples.get('obsvty_buffer_bytes{signal="traces"}') ?? 0) > 0);
  });

  test("GET /metrics counts open Tail calls", async (t) => {
    const server = await startObsvty(t);
    const stopped = new AbortController();
    t.after(() => stopped.abort());
    const reply = await fetch(`${server.url}/obsvty.v1.QueryService/Tail`, {
      method: "POST",
      headers: { "content-type": "application/connect+json" },
      body: Buffer.concat([Buffer.from([0, 0, 0, 0, 12]), Buffer.from('{"spans":{}}')]),
      signal: stopped.signal,
    });
    await reply.body?.getReader().read();
    await assertSamples(server, { obsvty_watchers: 1 });
  });

  test("GET /metrics shows figures of the process and its event loop", async (t) => {
    const samples = await scrape(await startObsvty(t));
    for (const name of [
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "nodejs_eventloop_lag_p99_seconds",
      "nodejs_heap_size_used_bytes",
    ]) {
      assert.ok((samples.get(name) ?? -1) >= 0, name);
    }
  });

  test("GET /metrics counts the CPU of the process since its start, from the first scrape on", async (t) => {
    const server = await startObsvty(t);
    const { user, system } = process.cpuUsage();
    const samples = await scrape(server);
    assert.ok((samples.get("process_cpu_seconds_total") ?? 0) >= (user + system) / 1_000_000);
  });

  test("GET /metrics is open to everyone and not counted by the rate limit", async (t) => {
    const server = await startObsvty(t, { settings: { RATE_LIMIT_MAX: "1", API_TOKEN: "reader" } });
    await scrape(server);
    await scrape(server);
    assert.equal((await fetch(`${server.url}/v1/traces`, post(trace))).status, 200);
  });

  test("GET /metrics shows each name once, with a help text and a type", async (t) => {
    const { url } = await startObsvty(t);
    const text = await (await fetch(`${url}/metrics`)).text();
    const named = (kind: string) =>
      [...text.matchAll(RegExp(`^# ${kind} (\\S+) \\S`, "gm"))].map(([, name]) => name);
    assert.deepEqual(named("HELP"), [...new Set(named("TYPE"))]);
  });

  test("two servers in one process have metrics apart", async (t) => {
    const [a, b] = [await startObsvty(t), await startObsvty(t)];
    await fetch(`${a.url}/v1/traces`, post(trace));
    await assertSamples(a, { 'obsvty_buffer_items{signal="traces"}': 3 });
    await assertSamples(b, { 'obsvty_buffer_items{signal="traces"}': 0 });
  });
});

function post(body: Uint8Array) {
  return { method: "POST", headers: { "content-type": "application/x-protobuf" }, body: Buffer.from(body) };
}
