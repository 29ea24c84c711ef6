import { connect } from "node:http2";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ExportMetricsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportProfilesServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/profiles/v1development/profiles_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import {
  AggregationTemporality,
  type MetricSchema,
} from "../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import { exportPath, type Signal } from "../../src/domain/signal.ts";
import { makeProfilesRequest, makeTraceRequest } from "../support/otlp.ts";
import { makeAttributes } from "../support/otlp-attributes.ts";
import { createRandom } from "../support/random.ts";
import { frameExport } from "./export-call.ts";
import { payloads } from "./payloads.ts";

// What the buffer holds of which `bench:read` asks.

export const spansHeld = 1_000_000;
export const spansPerRequest = 512;
export const startUnixNano = 1_700_000_000_000_000_000n;
const nanosPerSecond = 1_000_000_000n;

export const largeTraceId = "1a".repeat(16);
/** The requests before them have traces of their own. */
export const largeTraceRequests = Math.ceil(80_000 / spansPerRequest);

/** The spans of a request are dealt to these in turn, so that most calls are between two of them. */
const services = ["shop", "cart", "payment", "stock"] as const;

/** One request of spans, one second after the one before. No two traces are the same, but the newest are one large one. */
export function traceRequest(index: number) {
  const request = makeTraceRequest({
    seed: index + 1,
    count: spansPerRequest,
    startUnixNano: startUnixNano + BigInt(index) * nanosPerSecond,
  });
  const [{ resource, scopeSpans }] = request.resourceSpans as [(typeof request.resourceSpans)[0]];
  const [{ scope, spans }] = scopeSpans as [(typeof scopeSpans)[0]];
  if (index >= spansHeld / spansPerRequest - largeTraceRequests) {
    for (const span of spans) span.traceId = Buffer.from(largeTraceId, "hex");
  }
  const [, ...others] = resource?.attributes ?? [];
  return create(ExportTraceServiceRequestSchema, {
    resourceSpans: services.map((name, turn) => ({
      resource: { attributes: [...makeAttributes({ "service.name": name }), ...others] },
      scopeSpans: [{ ...(scope && { scope }), spans: spans.filter((_, i) => i % services.length === turn) }],
    })),
  });
}

const pointRequests = 2_500;
const series = 100;
/** Of a counter and of a histogram, both cumulative. */
export const metricNames = { counter: "http.server.requests", histogram: "http.server.duration" } as const;
const bounds = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000];

/** One export of all series of both metrics, ten seconds after the one before. */
function metricsRequest(index: number) {
  const random = createRandom(index + 1);
  const base = (one: number) => ({
    startTimeUnixNano: startUnixNano - 10n * nanosPerSecond,
    timeUnixNano: startUnixNano + BigInt(index) * 10n * nanosPerSecond,
    attributes: makeAttributes({ "http.route": `/items/${one}`, "http.request.method": "GET" }),
  });
  const eachSeries = Array.from({ length: series }, (_, one) => one);
  const cumulative = { aggregationTemporality: AggregationTemporality.CUMULATIVE };
  const metrics: MessageInitShape<typeof MetricSchema>[] = [
    {
      name: metricNames.counter,
      unit: "{request}",
      data: {
        case: "sum",
        value: {
          ...cumulative,
          isMonotonic: true,
          dataPoints: eachSeries.map((one) => ({
            ...base(one),
            value: { case: "asInt", value: BigInt(index * (one + 1)) },
          })),
        },
      },
    },
    {
      name: metricNames.histogram,
      unit: "ms",
      data: {
        case: "histogram",
        value: {
          ...cumulative,
          dataPoints: eachSeries.map((one) => {
            const bucketCounts = [...bounds, 0].map((_, i) => BigInt(index * (1 + ((i * one) % 7))));
            const count = bucketCounts.reduce((sum, bucket) => sum + bucket, 0n);
            return { ...base(one), count, sum: random.next() * index, bucketCounts, explicitBounds: bounds };
          }),
        },
      },
    },
  ];
  return create(ExportMetricsServiceRequestSchema, {
    resourceMetrics: [
      {
        resource: { attributes: makeAttributes({ "service.name": "shop" }) },
        scopeMetrics: [{ scope: { name: "http" }, metrics }],
      },
    ],
  });
}

const profileRequests = 200;
const profilesPerRequest = 50;
/** The last request holds one profile alone, with as many samples and stacks. */
const largeProfile = { samples: 100_000, stacks: 10_000, depth: 30, functions: 2_000 } as const;
export const largeProfileId = "2b".repeat(16);

function profilesRequest(index: number) {
  if (index < profileRequests - 1) return makeProfilesRequest({ seed: index + 1, count: profilesPerRequest });
  const random = createRandom(index + 1);
  const request = makeProfilesRequest({ seed: index + 1, count: 1 });
  const [profile] = request.resourceProfiles[0]?.scopeProfiles[0]?.profiles ?? [];
  const { dictionary } = request;
  if (profile === undefined || dictionary === undefined) throw new Error("there is no profile");
  const { samples, stacks, depth, functions } = largeProfile;
  profile.profileId = Buffer.from(largeProfileId, "hex");
  const [sample] = profile.samples;
  profile.samples = Array.from({ length: samples }, () => ({
    ...sample!,
    stackIndex: 1 + random.below(stacks),
  }));
  const strings = dictionary.stringTable.length;
  const [, location] = dictionary.locationTable;
  const [, ofFunction] = dictionary.functionTable;
  const [, stack] = dictionary.stackTable;
  for (let i = 0; i < functions; i++) {
    dictionary.stringTable.push(`functionNumber${i}`);
    dictionary.functionTable.push({ ...ofFunction!, nameStrindex: strings + i });
    dictionary.locationTable.push({
      ...location!,
      lines: [{ ...location!.lines[0]!, functionIndex: dictionary.functionTable.length - 1 }],
    });
  }
  dictionary.stackTable = [
    dictionary.stackTable[0]!,
    ...Array.from({ length: stacks }, () => ({
      ...stack!,
      locationIndices: Array.from({ length: depth }, () => 1 + random.below(functions)),
    })),
  ];
  return request;
}

/** Encoded requests, which fill the buffer. */
export function* bufferRequests(): Generator<readonly [signal: Signal, body: Uint8Array]> {
  for (let index = 0; index * spansPerRequest < spansHeld; index++) {
    yield ["traces", toBinary(ExportTraceServiceRequestSchema, traceRequest(index))];
  }
  for (let index = 0; index < pointRequests; index++) {
    yield ["metrics", toBinary(ExportMetricsServiceRequestSchema, metricsRequest(index))];
  }
  for (let index = 0; index < profileRequests; index++) {
    yield ["profiles", toBinary(ExportProfilesServiceRequestSchema, profilesRequest(index))];
  }
}

/** The id of a trace in the request with this index. */
export function traceIdIn(index: number): string {
  const [span] = traceRequest(index).resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  return Buffer.from(span?.traceId ?? []).toString("hex");
}

/** Fills the buffer of a server. Answers with the bytes of spans that were sent. */
export async function fillBuffer(port: number): Promise<number> {
  const client = connect(`http://127.0.0.1:${port}`);
  let spanBytes = 0;
  for (const [signal, body] of bufferRequests()) {
    if (signal === "traces") spanBytes += body.byteLength;
    await new Promise<void>((resolve, reject) => {
      const stream = client.request({
        ":method": "POST",
        ":path": exportPath(signal),
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
  return spanBytes;
}
