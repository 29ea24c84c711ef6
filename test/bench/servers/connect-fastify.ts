import type { AddressInfo } from "node:net";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import { fastify } from "fastify";
import { LogsService } from "../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { MetricsService } from "../../../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.ts";
import { TraceService } from "../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { ItemRing, ringCapacity } from "./item-ring.ts";
import { reportOnStdio } from "./report.ts";

// Connect on Fastify as its documentation says to use it; Protobuf-ES decodes.

const ring = new ItemRing(ringCapacity);
let requests = 0;

const app = fastify({ http2: true });
// Not stock, but without it its latency would be that of delayed acknowledgements.
app.server.on("connection", (socket) => socket.setNoDelay(true));
await app.register(fastifyConnectPlugin, {
  routes: (router) => {
    router.service(TraceService, {
      export: ({ resourceSpans }) => {
        requests += 1;
        for (const { scopeSpans } of resourceSpans) for (const { spans } of scopeSpans) ring.add(spans);
        return {};
      },
    });
    router.service(LogsService, {
      export: ({ resourceLogs }) => {
        requests += 1;
        for (const { scopeLogs } of resourceLogs)
          for (const { logRecords } of scopeLogs) ring.add(logRecords);
        return {};
      },
    });
    router.service(MetricsService, {
      export: ({ resourceMetrics }) => {
        requests += 1;
        for (const { scopeMetrics } of resourceMetrics) {
          for (const { metrics } of scopeMetrics) {
            for (const { data } of metrics) ring.add(data.value?.dataPoints ?? []);
          }
        }
        return {};
      },
    });
  },
});
await app.listen({ host: "127.0.0.1", port: 0 });
reportOnStdio((app.server.address() as AddressInfo).port, () => ({ requests, items: ring.added }));
