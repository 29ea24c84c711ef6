import { Counter, Gauge, type Registry } from "prom-client";
import type { Config } from "../../../config/config.ts";
import { signals } from "../../../domain/signal.ts";
import type { Reader } from "../../../use-cases/read/reader.ts";

/** Figures of the buffer: items and bytes held, items evicted, open Tail, WaitFor and ReadRequests calls. */
export function registerBufferMetrics(
  register: Registry,
  reader: Reader,
  { maxBufferSize, maxBufferBytes }: Pick<Config, "maxBufferSize" | "maxBufferBytes">,
): void {
  const registers = [register];
  const gauge = (name: string, help: string, figure: "items" | "bytes") =>
    new Gauge({
      name,
      help,
      labelNames: ["signal"],
      registers,
      collect() {
        const stats = reader.stats();
        for (const signal of signals) this.set({ signal }, stats[signal][figure]);
      },
    });
  gauge("obsvty_buffer_items", "items held now, by signal", "items");
  gauge("obsvty_buffer_bytes", "encoded bytes held now, by signal", "bytes");
  new Counter({
    name: "obsvty_buffer_evicted_items_total",
    help: "items evicted since the start to make room for newer ones",
    labelNames: ["signal"],
    registers,
    collect() {
      this.reset();
      const stats = reader.stats();
      for (const signal of signals) this.inc({ signal }, stats[signal].evicted);
    },
  });
  new Gauge({
    name: "obsvty_buffer_max_items",
    help: "the most items held of each signal (MAX_BUFFER_SIZE)",
    registers,
  }).set(maxBufferSize);
  new Gauge({
    name: "obsvty_buffer_max_bytes",
    help: "the most encoded bytes held of all signals together (MAX_BUFFER_BYTES)",
    registers,
  }).set(maxBufferBytes);
  new Gauge({
    name: "obsvty_watchers",
    help: "Tail, WaitFor and ReadRequests calls open now",
    registers,
    collect() {
      this.set(reader.watching());
    },
  });
}
