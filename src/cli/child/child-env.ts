import { signals } from "../../domain/signal.ts";
import { exporterVariables } from "../../otlp/exporter-variables.ts";

/** A program that runs for minutes would send its metrics hundreds of times at the rate of its spans. */
const metricIntervalMs = 1_000;

/** Variables that send the telemetry of one signal elsewhere than OTEL_EXPORTER_OTLP_ENDPOINT says. */
const endpointsOfSignals = signals.map((signal) => `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`);

/**
 * The environment of a command whose telemetry goes to a receiver. What the user has set stays as it is, but for where
 * telemetry goes. OBSVTY_ENDPOINT is set too, for commands such as `obsvty wait` in a script.
 */
export function childEnv(env: NodeJS.ProcessEnv, endpoint: string): NodeJS.ProcessEnv {
  // An empty value counts as unset (OpenTelemetry specification, "Environment Variable Specification").
  const given = Object.entries(env).filter(([name, value]) => value !== "" || !name.startsWith("OTEL_"));
  const result: NodeJS.ProcessEnv = {
    ...withoutHalf(exporterVariables(endpoint, metricIntervalMs), env),
    ...Object.fromEntries(given),
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OBSVTY_ENDPOINT: endpoint,
  };
  for (const name of endpointsOfSignals) delete result[name];
  return result;
}

/** One of these two alone might not fit to the other, which the user has set. */
function withoutHalf(defaults: NodeJS.ProcessEnv, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { OTEL_METRIC_EXPORT_INTERVAL, OTEL_METRIC_EXPORT_TIMEOUT, ...rest } = defaults;
  return env.OTEL_METRIC_EXPORT_INTERVAL || env.OTEL_METRIC_EXPORT_TIMEOUT ? rest : defaults;
}
