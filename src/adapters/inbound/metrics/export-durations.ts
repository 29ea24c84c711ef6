import { bySignal, type Signal } from "../../../domain/signal.ts";
import { type Transport, transports } from "../../../domain/transport.ts";
import { DurationHistogram } from "./duration-histogram.ts";

/** The label `receiver` of all figures of exports, as the Collector names its own. */
export const receiver = "otlp";

/** Counts the duration of an export, from its headers to its answer, in milliseconds. */
export type ObserveExport = (signal: Signal, transport: Transport, durationMs: number) => void;

/** The durations of exports, which are counted from the start on, whether or not anybody scrapes. */
export class ExportDurations {
  readonly histogram = new DurationHistogram({
    name: "otelcol_receiver_duration",
    help: "seconds from the headers of an export request to its answer, for requests whose body was read",
  });
  readonly #series = bySignal(
    (signal) =>
      Object.fromEntries(
        transports.map((transport) => [transport, this.histogram.series({ receiver, transport, signal })]),
      ) as Record<Transport, { observe(durationMs: number): void }>,
  );

  readonly observe: ObserveExport = (signal, transport, durationMs) =>
    this.#series[signal][transport].observe(durationMs);
}
