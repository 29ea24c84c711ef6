import { Counter, type Registry } from "prom-client";
import { type ErrorCode, errorCodesOfKept } from "../../../domain/errors.ts";
import { type Signal, signals, signalTraits } from "../../../domain/signal.ts";
import { type Transport, transports } from "../../../domain/transport.ts";
import type { IngestCounters, TransportCounts } from "../../../use-cases/ingest/ingest-counters.ts";
import { receiver } from "./export-durations.ts";

/**
 * Figures of the exports received. The names are those of the Collector's receivers (`receiverhelper`), so
 * that dashboards made for it work here; the labels `signal` and `reason` are obsvty's own. Counts are read
 * when Prometheus scrapes, so that they cost an export nothing.
 */
export function registerExportMetrics(register: Registry, counters: IngestCounters): void {
  const registers = [register];
  const each = (visit: (signal: Signal, transport: Transport, counts: TransportCounts) => void) => {
    for (const signal of signals) {
      for (const transport of transports) visit(signal, transport, counters.by(signal, transport));
    }
  };

  const countItems = (
    signal: Signal,
    name: string,
    help: string,
    figure: (counts: TransportCounts) => number,
  ) =>
    new Counter({
      name,
      help,
      labelNames: ["receiver", "transport"],
      registers,
      collect() {
        this.reset();
        for (const transport of transports) {
          this.inc({ receiver, transport }, figure(counters.by(signal, transport)));
        }
      },
    });

  for (const signal of signals) {
    const items = signalTraits[signal].collectorItems;
    countItems(
      signal,
      `otelcol_receiver_accepted_${items}`,
      `${items} accepted since the start`,
      ({ acceptedItems }) => acceptedItems,
    );
    countItems(
      signal,
      `otelcol_receiver_refused_${items}`,
      `${items} rejected in partial successes since the start; a request refused whole counts none`,
      ({ rejectedItems }) => rejectedItems,
    );
  }

  new Counter({
    name: "otelcol_receiver_requests",
    help: "export requests since the start, each once; for the outcomes refused, unconfirmed and failure, reason is the error code",
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
    help: "bytes, after inflating, of the export requests that were kept",
    labelNames: ["transport", "signal"],
    registers,
    collect() {
      this.reset();
      each((signal, transport, { bytes }) => {
        this.inc({ transport, signal }, bytes);
      });
    },
  });
}

/**
 * A failure is the server's own; a refusal is something that the caller can change; a request that is not confirmed
 * was kept.
 */
function outcomeOf(reason: ErrorCode): "failure" | "refused" | "unconfirmed" {
  if (errorCodesOfKept.has(reason)) return "unconfirmed";
  return reason === "internal" ? "failure" : "refused";
}
