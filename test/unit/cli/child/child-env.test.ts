import assert from "node:assert/strict";
import { test } from "node:test";
import { childEnv } from "../../../../src/cli/child/child-env.ts";

const endpoint = "http://127.0.0.1:1234";

test("a command gets the endpoint for all signals, exporters for all of them, and short intervals", () => {
  assert.deepEqual(childEnv({ PATH: "/bin" }, endpoint), {
    PATH: "/bin",
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_BLRP_SCHEDULE_DELAY: "100",
    OTEL_METRIC_EXPORT_INTERVAL: "1000",
    OTEL_METRIC_EXPORT_TIMEOUT: "1000",
    OBSVTY_ENDPOINT: endpoint,
  });
});

test("a command gets no endpoint that the user has set, neither for all signals nor for one", () => {
  const env = childEnv(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://elsewhere",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://elsewhere",
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://elsewhere",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://elsewhere",
      OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT: "http://elsewhere",
    },
    endpoint,
  );
  assert.ok(!Object.values(env).includes("http://elsewhere"));
});

test("a command gets what else the user has set, and an empty OTEL variable counts as unset", () => {
  const env = childEnv(
    { OTEL_TRACES_EXPORTER: "none", OTEL_LOGS_EXPORTER: "", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", EMPTY: "" },
    endpoint,
  );
  assert.deepEqual(
    [env.OTEL_TRACES_EXPORTER, env.OTEL_LOGS_EXPORTER, env.OTEL_EXPORTER_OTLP_PROTOCOL, env.EMPTY],
    ["none", "otlp", "grpc", ""],
  );
});

test("the interval of metrics and its time-out are set both or not at all: SDKs refuse those that do not fit", () => {
  for (const name of ["OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT"]) {
    const env = childEnv({ [name]: "5000" }, endpoint);
    assert.deepEqual(
      Object.entries(env).filter(([key]) => key.startsWith("OTEL_METRIC_")),
      [[name, "5000"]],
    );
  }
});
