import { gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { ExportLogsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { ExportMetricsServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { ExportTraceServiceRequestSchema } from "../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { makeLogsRequest, makeMetricsRequest, makeTraceRequest } from "../support/otlp.ts";

/** Different bodies of one payload: a server that sees one body only has its branches and caches tuned to it. */
export const bodiesPerPayload = 64;

export type BenchSignal = "traces" | "logs" | "metrics";

export interface Payload {
  readonly signal: BenchSignal;
  /** Spans, log records or data points in each request. */
  readonly items: number;
  readonly gzip: boolean;
  /**
   * Requests a second at which latency is measured, the same for every server; one that cannot serve a fifth
   * more is left out.
   */
  readonly latencyRate: number;
}

/** What is sent, by the name it has in reports. */
export const payloads = {
  "1 span": { signal: "traces", items: 1, gzip: false, latencyRate: 5000 },
  "10 spans": { signal: "traces", items: 10, gzip: false, latencyRate: 3000 },
  "100 spans": { signal: "traces", items: 100, gzip: false, latencyRate: 1000 },
  "512 spans": { signal: "traces", items: 512, gzip: false, latencyRate: 200 },
  "512 logs": { signal: "logs", items: 512, gzip: false, latencyRate: 300 },
  "512 points": { signal: "metrics", items: 512, gzip: false, latencyRate: 300 },
  "1 span, gzip": { signal: "traces", items: 1, gzip: true, latencyRate: 5000 },
  "100 spans, gzip": { signal: "traces", items: 100, gzip: true, latencyRate: 1000 },
  "512 spans, gzip": { signal: "traces", items: 512, gzip: true, latencyRate: 200 },
  "512 logs, gzip": { signal: "logs", items: 512, gzip: true, latencyRate: 300 },
  "512 points, gzip": { signal: "metrics", items: 512, gzip: true, latencyRate: 300 },
} as const satisfies Record<string, Payload>;

export type PayloadName = keyof typeof payloads;

export const payloadNames = Object.keys(payloads) as PayloadName[];

/** The encoded requests of a payload, compressed if it says so. Always the same ones. */
export function encodeBodies({ signal, items, gzip }: Payload, encoding: "protobuf" | "json"): Uint8Array[] {
  return Array.from({ length: bodiesPerPayload }, (_, index) => {
    const bytes = encoders[signal](items, index + 1);
    const encoded = encoding === "json" ? Buffer.from(writeJsonRequest(signal, bytes)) : bytes;
    return gzip ? gzipSync(encoded) : encoded;
  });
}

const encoders: Record<BenchSignal, (count: number, seed: number) => Uint8Array> = {
  traces: (count, seed) => toBinary(ExportTraceServiceRequestSchema, makeTraceRequest({ count, seed })),
  logs: (count, seed) => toBinary(ExportLogsServiceRequestSchema, makeLogsRequest({ count, seed })),
  metrics: (count, seed) => toBinary(ExportMetricsServiceRequestSchema, makeMetricsRequest({ count, seed })),
};
