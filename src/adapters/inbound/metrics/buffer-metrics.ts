import { Counter, Gauge, type Registry } from "prom-client";
import type { Config } from "../../../config/config.ts";
import { signals } from "../../../domain/signal.ts";
import type { Reader, SignalStats } from "../../../use-cases/read/reader.ts";

/** How full the buffer is, what it evicted, and who waits for more. */
export function registerBufferMetrics(
  register: Registry,
  reader: Reader,
  { maxBufferSize, maxBufferBytes }: Pick<Config, "maxBufferSize" | "maxBufferBytes">,
): void {
  const registers = [register];
  const gauge = (name: string, help: string, figure: keyof SignalStats) =>
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
  gauge("obsvty_buffer_items", "items held now", "items");
  gauge("obsvty_buffer_bytes", "encoded bytes held now", "bytes");
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
    help: "items that may be held of each signal",
    registers,
  }).set(maxBufferSize);
  new Gauge({
    name: "obsvty_buffer_max_bytes",
    help: "encoded bytes that may be held in all",
    registers,
  }).set(maxBufferBytes);
  new Gauge({
    name: "obsvty_watchers",
    help: "calls that tail or wait now",
    registers,
    collect() {
      this.set(reader.watching());
    },
  });
}
