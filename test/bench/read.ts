import { connect } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { ExportTraceServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { frameExport } from "./export-call.ts";
import { median } from "./measure.ts";
import { payloads } from "./payloads.ts";
import { pinSelf } from "./proc.ts";
import { describeMachine, writeResult } from "./results.ts";
import { digits, formatTable } from "./table.ts";
import { buildObsvty, getStats, obsvtyCommand, query, startObsvty } from "./target.ts";

const spansPerRequest = 512;
const held = 1_000_000;
const rounds = 25;
const secondsPerRequest = 1n;
const startUnixNano = 1_700_000_000_000_000_000n;

const largeTraceId = "1a".repeat(16);
const largeTraceRequests = Math.ceil(80_000 / spansPerRequest);

/** One request of a buffer, one second after the one before. No two traces are the same, but the newest are one large one. */
function requestAt(index: number) {
  const request = makeTraceRequest({
    seed: index + 1,
    count: spansPerRequest,
    startUnixNano: startUnixNano + BigInt(index) * secondsPerRequest * 1_000_000_000n,
  });
  if (index >= held / spansPerRequest - largeTraceRequests) {
    for (const span of request.resourceSpans[0]!.scopeSpans[0]!.spans) {
      span.traceId = Buffer.from(largeTraceId, "hex");
    }
  }
  return request;
}

/** Fills the buffer; answers with the id of one trace of each request and the bytes that were sent. */
async function fill(port: number): Promise<{ readonly traceIds: string[]; readonly bytes: number }> {
  const client = connect(`http://127.0.0.1:${port}`);
  const traceIds: string[] = [];
  let bytes = 0;
  for (let index = 0; index * spansPerRequest < held; index++) {
    const request = requestAt(index);
    const body = toBinary(ExportTraceServiceRequestSchema, request);
    bytes += body.byteLength;
    const traceId = Buffer.from(request.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.traceId).toString("hex");
    if (traceId !== largeTraceId) traceIds.push(traceId);
    await new Promise<void>((resolve, reject) => {
      const stream = client.request({
        ":method": "POST",
        ":path": exportPath("traces"),
        "content-type": "application/grpc",
        te: "trailers",
      });
      stream.on("trailers", (trailers) => {
        if (trailers["grpc-status"] !== "0") reject(new Error(`refused with ${trailers["grpc-status"]}`));
      });
      stream.on("error", reject).on("close", resolve).resume();
      stream.end(frameExport("grpc", body, payloads["512 spans"]));
    });
  }
  client.close();
  return { traceIds, bytes };
}

interface Measured {
  readonly what: string;
  readonly found: number;
  readonly medianMs: number;
  readonly worstMs: number;
  /** The longest time that the server's event loop stood still during a call. */
  readonly stallMedianMs: number;
  readonly stallWorstMs: number;
}

async function main(): Promise<void> {
  pinSelf();
  buildObsvty();
  const probe = new URL("servers/loop-delay.ts", import.meta.url).href;
  await using server = await startObsvty(
    { MAX_BUFFER_SIZE: String(held), MAX_BUFFER_BYTES: String(2 ** 30) },
    obsvtyCommand(["--import", probe]),
  );
  const { traceIds, bytes } = await fill(server.port);
  const stats = (await getStats(server.port)).signals.traces!;
  const items = Number(stats.items);

  const idAt = (round: number) => traceIds[(round * 997 + 31) % traceIds.length]!;
  const at = (index: number) => new Date(Number(startUnixNano / 1_000_000n) + index * 1000).toISOString();
  const cases: readonly [what: string, method: string, request: (round: number) => object][] = [
    ["GetTrace", "GetTrace", (round) => ({ traceId: idAt(round) })],
    ["GetTrace, none there", "GetTrace", (round) => ({ traceId: idAt(round).replace(/^.{8}/, "0badc0de") })],
    [
      "SearchSpans, one second of time",
      "SearchSpans",
      (round) => ({ filter: { since: at(round * 61), until: at(round * 61 + 1) }, limit: 1000 }),
    ],
    ["SearchSpans, newest 100 of a name", "SearchSpans", () => ({ filter: { name: nameOfOne }, limit: 100 })],
    ["SearchSpans, no such name", "SearchSpans", () => ({ filter: { name: "no such name" } })],
    [
      "SearchSpans, no such attribute value",
      "SearchSpans",
      () => ({ filter: { attributes: { "http.request.method": "NONE" } } }),
    ],
    ["SummarizeSpans, by service and name", "SummarizeSpans", () => ({ groupBy: ["service", "name"] })],
    [
      "SummarizeSpans, by an attribute",
      "SummarizeSpans",
      () => ({ groupBy: ["attributes.http.response.status_code"] }),
    ],
    [
      "GetTraceOutline, 80,000 spans",
      "GetTraceOutline",
      () => ({ traceId: largeTraceId, maxBytes: 2 ** 26 }),
    ],
    ["CountOverTime", "CountOverTime", () => ({ spans: {}, buckets: 60 })],
  ];
  const nameOfOne = requestAt(0).resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name;

  const measured: Measured[] = [];
  for (const [what, method, request] of cases) {
    const times: number[] = [];
    const stalls: number[] = [];
    let found = 0;
    for (let round = -3; round < rounds; round++) {
      await server.stallMs();
      const began = performance.now();
      const answer = await ask(server.port, method, request(round + 3));
      const elapsedMs = performance.now() - began;
      const stall = await server.stallMs();
      // The first ones run code that is not compiled yet.
      if (round < 0) continue;
      times.push(elapsedMs);
      stalls.push(stall);
      found = answer;
    }
    measured.push({
      what,
      found,
      medianMs: median(times),
      worstMs: Math.max(...times),
      stallMedianMs: median(stalls),
      stallWorstMs: Math.max(...stalls),
    });
  }

  const machine = describeMachine();
  process.stdout.write(
    `${items} spans held, ${digits(bytes / items)} bytes each as sent, ${rounds} calls each\n\n${formatTable(
      ["", "spans found", "median ms", "worst ms", "stall ms", "worst stall ms"],
      measured.map((m) => [
        m.what,
        String(m.found),
        ...[m.medianMs, m.worstMs, m.stallMedianMs, m.stallWorstMs].map(digits),
      ]),
    )}\nwritten to ${writeResult("read", { machine, items, bytesSent: bytes, measured })}\n`,
  );
}

/** How many spans were found, or counted. */
async function ask(port: number, method: string, request: object): Promise<number> {
  try {
    const { spans, matched } = await query<{ spans?: unknown[]; matched?: number }>(port, method, request);
    return spans?.length ?? matched ?? 0;
  } catch (reason) {
    if (reason instanceof Error && reason.message.includes("404")) return 0;
    throw reason;
  }
}

await main();
