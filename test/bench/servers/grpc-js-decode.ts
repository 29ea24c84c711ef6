import { fileURLToPath } from "node:url";
import { type handleUnaryCall, Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ItemRing, ringCapacity } from "./item-ring.ts";
import { reportOnStdio } from "./report.ts";

// grpc-js as its documentation says to use it: proto-loader, which decodes with protobufjs, from the
// official .proto files.

const collector = "opentelemetry/proto/collector";
const definitions = loadSync(
  ["trace/v1/trace", "logs/v1/logs", "metrics/v1/metrics"].map(
    (path) => `${collector}/${path}_service.proto`,
  ),
  { includeDirs: [fileURLToPath(new URL("../../../proto", import.meta.url))] },
);
const ring = new ItemRing(ringCapacity);
let requests = 0;

interface Decoded {
  readonly [field: string]: readonly Decoded[] | undefined;
}

/** Adds what is at the end of a path of repeated fields. */
function keep(message: Decoded, [field = "", ...rest]: readonly string[]): void {
  const children = message[field] ?? [];
  if (rest.length === 0) ring.add(children);
  else for (const child of children) keep(child, rest);
}

function handler(keepItems: (request: Decoded) => void): handleUnaryCall<Decoded, object> {
  return ({ request }, callback) => {
    requests += 1;
    keepItems(request);
    callback(null, {});
  };
}

function service(name: string): ServiceDefinition {
  return definitions[`opentelemetry.proto.collector.${name}`] as ServiceDefinition;
}

const server = new Server();
server.addService(service("trace.v1.TraceService"), {
  Export: handler((request) => keep(request, ["resourceSpans", "scopeSpans", "spans"])),
});
server.addService(service("logs.v1.LogsService"), {
  Export: handler((request) => keep(request, ["resourceLogs", "scopeLogs", "logRecords"])),
});
server.addService(service("metrics.v1.MetricsService"), {
  Export: handler((request) => {
    for (const kind of ["sum", "gauge", "histogram", "exponentialHistogram", "summary"]) {
      keepPoints(request, kind);
    }
  }),
});

/** A metric holds one message of its kind, not repeated, which holds the points. */
function keepPoints(request: Decoded, kind: string): void {
  for (const { scopeMetrics = [] } of request.resourceMetrics ?? []) {
    for (const { metrics = [] } of scopeMetrics) {
      for (const metric of metrics) {
        const data = metric[kind] as Decoded | null | undefined;
        if (data) keep(data, ["dataPoints"]);
      }
    }
  }
}

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  reportOnStdio(port, () => ({ requests, items: ring.added }));
});
