import { Counter, type Registry } from "prom-client";
import type { ErrorCode } from "../../../domain/errors.ts";
import { type Signal, signals } from "../../../domain/signal.ts";
import { type Transport, transports } from "../../../domain/transport.ts";
import type { IngestCounters, TransportCounts } from "../../../use-cases/ingest/ingest-counters.ts";
import { Durations } from "./durations.ts";

/** Notes how long an export took, from its headers to its answer, in milliseconds. */
export type ObserveExport = (signal: Signal, transport: Transport, durationMs: number) => void;

/** What the Collector's receivers call the items, where they have a name for them. */
const itemNames = {
  traces: "spans",
  logs: "log_records",
  metrics: "metric_points",
  profiles: "profiles",
} as const satisfies Record<Signal, string>;

const receiver = "otlp";

/**
 * What was received. Names are those of the Collector's receivers (its `receiverhelper`), so that dashboards
 * made for it work here; `signal` and `reason` are ours. Counts are read when somebody scrapes, so that they
 * cost nothing when something is received.
 */
export function registerExportMetrics(register: Registry, counters: IngestCounters): ObserveExport {
  const registers = [register];
  const each = (visit: (signal: Signal, transport: Transport, counts: TransportCounts) => void) => {
    for (const signal of signals) {
      for (const transport of transports) visit(signal, transport, counters.by(signal, transport));
    }
  };

  for (const signal of signals) {
    const items = itemNames[signal];
    new Counter({
      name: `otelcol_receiver_accepted_${items}`,
      help: `${items} accepted since the start`,
      labelNames: ["receiver", "transport"],
      registers,
      collect() {
        this.reset();
        for (const transport of transports) {
          this.inc({ receiver, transport }, counters.by(signal, transport).acceptedItems);
        }
      },
    });
    new Counter({
      name: `otelcol_receiver_refused_${items}`,
      help: `${items} rejected in partial successes since the start; requests refused whole are not looked into`,
      labelNames: ["receiver", "transport"],
      registers,
      collect() {
        this.reset();
        for (const transport of transports) {
          this.inc({ receiver, transport }, counters.by(signal, transport).rejectedItems);
        }
      },
    });
  }

  new Counter({
    name: "otelcol_receiver_requests",
    help: "export requests since the start; what the outcomes refused and failure come from is their reason",
    labelNames: ["receiver", "transport", "signal", "outcome", "reason"],
    registers,
    collect() {
      this.reset();
      each((signal, transport, counts) => {
        const labels = { receiver, transport, signal };
        this.inc({ ...labels, outcome: "success", reason: "" }, counts.acceptedRequests);
        this.inc({ ...labels, outcome: "partial_success", reason: "" }, counts.partlyAcceptedRequests);
        for (const [reason, count] of counts.refusedRequests) {
          this.inc({ ...labels, outcome: outcomeOf(reason), reason }, count);
        }
      });
    },
  });
  new Counter({
    name: "obsvty_received_bytes_total",
    help: "encoded bytes, as inflated, of the export requests that were not refused",
    labelNames: ["transport", "signal"],
    registers,
    collect() {
      this.reset();
      each((signal, transport, { bytes }) => {
        this.inc({ transport, signal }, bytes);
      });
    },
  });

  const durations = new Durations({
    name: "otelcol_receiver_duration",
    help: "seconds from the headers of an export request to its answer, of those whose body was read",
    register,
  });
  const observers = Object.fromEntries(
    signals.map((signal) => [
      signal,
      Object.fromEntries(
        transports.map((transport) => [transport, durations.under({ receiver, transport, signal })]),
      ),
    ]),
  ) as Record<Signal, Record<Transport, { observe(durationMs: number): void }>>;
  return (signal, transport, durationMs) => observers[signal][transport].observe(durationMs);
}

/** A failure is ours, anything else the caller can do something about. */
function outcomeOf(reason: ErrorCode): "failure" | "refused" {
  return reason === "internal" ? "failure" : "refused";
}
