import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { type Signal, signalTraits } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { startReceiver } from "../../src/testing/start-receiver.ts";
import { buildCollector, Collector } from "../support/collector.ts";
import { leafName, leavesOf, pathName, sentinelOf, withLeaf } from "../support/every-field.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import { notShown, type OtlpBase, otlpBases, readBack } from "../support/otlp-bases.ts";
import type { TestServer } from "../support/server.ts";
import { lacking } from "../support/tools.ts";

// The Go Collector before obsvty: every field of OTLP that it hands on arrives as if it had been sent directly.

const skip = lacking("go");
if (skip === false) before(buildCollector, { timeout: 900_000 });

/** The Collector gives a body, an empty one, to each log record that has none. */
const withBody = { body: { value: { case: "stringValue", value: "paid" } } };
const bases = otlpBases.map((base) => {
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [withBody] }] }] };
  return base.signal === "logs" ? { ...base, request } : base;
});

for (const [exporter, port] of [
  ["otlp_grpc", "grpc"],
  ["otlp_http", "http"],
] as const) {
  for (const compression of ["none", "gzip"]) {
    for (const base of bases) {
      const kind = base.data ?? base.signal;
      test(`every field of ${kind} comes through the Collector by ${exporter} with ${compression}`, {
        skip,
      }, async (t) => {
        const direct = await startObsvty(t);
        const behind = await startObsvty(t);
        const endpoint = port === "grpc" ? behind.url.replace("http://", "") : behind.url;
        const collector = await Collector.start(t, {
          exporters: `exporters:
  ${exporter}:
    endpoint: "${endpoint}"
    tls: { insecure: true }
    compression: ${compression}
    sending_queue: { enabled: false }`,
        });
        const missing: string[] = [];
        for (const { name, body } of requestsOf(base)) {
          const sent = await shown(direct, direct.url, base, body);
          const handedOn = await shown(behind, `http://127.0.0.1:${collector.httpPort}`, base, body);
          if (sent !== handedOn) missing.push(name);
        }
        assert.deepEqual(missing, []);
      });
    }
  }
}

/** A request for each field that is set in it. */
function* requestsOf({ signal, data, request }: OtlpBase) {
  const schema: DescMessage = requestSchemas[signal];
  yield { name: "nothing", body: toBinary(schema, create(schema, request as never)) };
  for (const path of leavesOf(schema)) {
    const member = path.find(({ oneof }) => oneof?.name === "data");
    if (member !== undefined && member.localName !== data) continue;
    if (Object.hasOwn(notShown, leafName(path))) continue;
    const leaf = path.at(-1) ?? assert.fail();
    yield {
      name: pathName(path),
      body: toBinary(schema, withLeaf(schema, request, path, sentinelOf(leaf))),
    };
  }
}

/** What a server shows of a request that is posted. */
async function shown(
  server: TestServer,
  to: string,
  { signal }: OtlpBase,
  body: Uint8Array,
): Promise<string> {
  await query(server, "Clear");
  const { method, list } = readBack[signal];
  const status = await post(to, signal, body);
  const { [list]: items } = await query(server, method, { limit: 10 });
  const plain = items.map(({ cursor, ...item }: { cursor: string }) => item);
  return JSON.stringify([status, plain]);
}

async function post(to: string, signal: Signal, body: Uint8Array | string): Promise<number> {
  const type = typeof body === "string" ? "application/json" : "application/x-protobuf";
  const answer = await fetch(`${to}${signalTraits[signal].httpPath}`, {
    method: "POST",
    headers: { "content-type": type },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
  await answer.arrayBuffer();
  return answer.status;
}

describe("the Collector of examples/collector", { skip }, () => {
  const example = (path: string) => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

  test("the Collector of examples/collector hands on all that the shop sends", async (t: TestContext) => {
    await using receiver = await startReceiver();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint };
    const collector = await Collector.start(t, { file: { path: example("collector/collector.yaml"), env } });
    for (const signal of ["traces", "logs", "metrics"] as const) {
      const body = readFileSync(example(`curl/${signal}.json`), "utf8");
      assert.equal(await post(`http://127.0.0.1:${collector.httpPort}`, signal, body), 200);
    }
    const timeoutMs = 30_000;
    await receiver.waitForSpans({ service: "shop", name: "charge card", statusCode: "error" }, { timeoutMs });
    await receiver.waitForLogs({ bodyContains: "card declined" }, { timeoutMs });
    await receiver.waitForMetrics({ name: "shop.orders", value: 1 }, { timeoutMs });
    for (const { protocol, encoding } of receiver.requests())
      assert.deepEqual([protocol, encoding], ["grpc", "gzip"]);
  });
});
