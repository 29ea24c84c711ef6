import { Counter, Gauge, type Registry } from "prom-client";
import { signals } from "../../../domain/signal.ts";
import type { HandOn } from "../../../use-cases/hand-on/hand-on.ts";
import type { LaneState } from "../../../use-cases/hand-on/sink-state.ts";

/** Figures of handing on, for each sink and signal. They are read when Prometheus scrapes. */
export function registerSinkMetrics(register: Registry, handOn: Pick<HandOn, "states">): void {
  const options = { labelNames: ["sink", "signal"], registers: [register] };
  const collect = (set: (labels: { sink: string; signal: string }, lane: LaneState) => void) => {
    for (const { name: sink, signals: lanes } of handOn.states()) {
      for (const signal of signals) set({ sink, signal }, lanes[signal]);
    }
  };
  const gauge = (name: string, help: string, figure: (lane: LaneState) => number) =>
    new Gauge({
      name,
      help,
      ...options,
      collect() {
        collect((labels, lane) => this.set(labels, figure(lane)));
      },
    });
  const counter = (name: string, help: string, figure: (lane: LaneState) => number) =>
    new Counter({
      name,
      help,
      ...options,
      collect() {
        this.reset();
        collect((labels, lane) => this.inc(labels, figure(lane)));
      },
    });

  gauge("obsvty_sink_failing", "1 when the last try failed; it is made again", (lane) =>
    lane.isFailing ? 1 : 0,
  );
  gauge("obsvty_sink_refusing", "1 when the last requests were refused for good, as a whole", (lane) =>
    lane.isRefusing ? 1 : 0,
  );
  gauge(
    "obsvty_sink_backlog_items",
    "items accepted, and neither handed on nor refused nor missed",
    (lane) => lane.backlogItems,
  );
  gauge(
    "obsvty_sink_backlog_bytes",
    "encoded bytes of the requests with these items",
    (lane) => lane.backlogBytes,
  );
  gauge(
    "obsvty_sink_backlog_oldest_seconds",
    "how long ago the oldest of these items arrived; 0 without any",
    (lane) => lane.oldestMs / 1_000,
  );
  counter(
    "obsvty_sink_delivered_items_total",
    "items that the sink has, since the start",
    (lane) => lane.delivered,
  );
  counter("obsvty_sink_retries_total", "tries that were made again, since the start", (lane) => lane.retried);
  counter(
    "obsvty_sink_missed_items_total",
    "items evicted or cleared before they were handed on, since the start",
    (lane) => lane.missed,
  );
  counter(
    "obsvty_sink_refused_items_total",
    "items that the sink will not take, since the start",
    (lane) => lane.refused,
  );
  new Gauge({
    name: "obsvty_sink_last_failure_timestamp_seconds",
    help: "when the last failure was, and its code",
    labelNames: ["sink", "signal", "code"],
    registers: [register],
    collect() {
      this.reset();
      collect((labels, { lastFailure }) => {
        if (lastFailure !== undefined)
          this.set({ ...labels, code: lastFailure.code }, lastFailure.unixMs / 1_000);
      });
    },
  });
}
