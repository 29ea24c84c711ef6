import type { describeMachine } from "./results.ts";
import { digits, formatTable } from "./table.ts";

export interface MeasuredRead {
  readonly what: string;
  readonly found: number;
  readonly wantedMs?: number;
  readonly medianMs: number;
  readonly worstMs: number;
  /** CPU time of the server. */
  readonly cpuMs: number;
  /** The longest turn of the server's event loop during a call, in CPU time. */
  readonly turnMedianMs: number;
  readonly turnWorstMs: number;
}

export interface ReadResult {
  readonly machine: ReturnType<typeof describeMachine>;
  /** Calls of each kind. */
  readonly rounds: number;
  /** Spans held. */
  readonly items: number;
  readonly bytesSent: number;
  readonly measured: readonly MeasuredRead[];
}

export const readColumns = [
  "found",
  "median ms",
  "worst ms",
  "wanted ms",
  "CPU ms",
  "longest turn ms",
  "worst turn ms",
] as const;

export function readRows({ measured }: ReadResult): string[][] {
  return measured.map((m) => [
    m.what,
    m.found.toLocaleString("en-US"),
    digits(m.medianMs),
    digits(m.worstMs),
    m.wantedMs === undefined ? "" : m.wantedMs.toLocaleString("en-US"),
    ...[m.cpuMs, m.turnMedianMs, m.turnWorstMs].map(digits),
  ]);
}

export function formatReadReport(result: ReadResult): string {
  const { items, bytesSent, rounds } = result;
  return (
    `${items.toLocaleString("en-US")} spans held, ${digits(bytesSent / items)} bytes each as sent, ${rounds} calls each\n\n` +
    formatTable(["", ...readColumns], readRows(result))
  );
}
