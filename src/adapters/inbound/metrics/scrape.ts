import { Gauge, Registry } from "prom-client";
import type { Config } from "../../../config/config.ts";
import type { Core } from "../../../use-cases/core.ts";
import { version } from "../../../version.ts";
import { registerBufferMetrics } from "./buffer-metrics.ts";
import type { ExportDurations } from "./export-durations.ts";
import { registerExportMetrics } from "./export-metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import { registerSinkMetrics } from "./sink-metrics.ts";

export interface Scraped {
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** Figures of a server's exports, buffer and sinks, and of the process. */
export function createScrape(
  { counters, reader, handOn }: Core,
  config: Config,
  durations: ExportDurations,
): () => Scraped {
  const register = new Registry();
  registerExportMetrics(register, counters);
  durations.histogram.registerWith(register);
  registerBufferMetrics(register, reader, config);
  if (handOn !== undefined) registerSinkMetrics(register, handOn);
  new Gauge({
    name: "obsvty_build_info",
    help: "always 1; the version is its label",
    labelNames: ["version"],
    registers: [register],
  }).set({ version }, 1);
  return () => {
    const all = Registry.merge([register, processMetrics()]);
    return { contentType: all.contentType, text: () => all.metrics() };
  };
}
