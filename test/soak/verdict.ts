import { payloads } from "../bench/payloads.ts";
import type { HealthSample } from "./health.ts";
import { type AttackRound, type SoakOutcome, soakPayload } from "./soak.ts";

/** One thing that a soak checks. */
export interface Finding {
  readonly what: string;
  readonly figures: string;
  /** Undefined when the soak was too short to tell. */
  readonly holds: boolean | undefined;
}

const mib = 2 ** 20;
/** What resident memory may grow in the settled time, as a part of what it is there. */
const mostGrowth = 0.1;
/** In less time, what a single attack leaves behind says more than what stays of all. */
const leastSettledMs = 60_000;
const mostHealthMs = 1_000;

export function judge(
  { load, samples, rounds, readers, kept, peakBytes }: SoakOutcome,
  memoryBytes: number,
): Finding[] {
  const sent = sum(load.map((result) => result.sent));
  const acknowledged = sum(load.map((result) => result.succeeded));
  const failures = load.flatMap((result) => Object.entries(result.failures));
  const hinted = sum(failures.filter(([kind]) => kind.endsWith("with details")).map(([, count]) => count));
  const cut = sum(failures.filter(([kind]) => kind === "reset").map(([, count]) => count));
  const perCall = payloads[soakPayload].items;
  const accepted = kept.traces?.accepted ?? 0;
  const p99 = healthP99(samples);
  const growth = growthOf(samples, settledAtMs(samples, rounds));
  return [
    {
      what: "sent = acknowledged + refused with a hint + cut",
      figures: `${sent} = ${acknowledged} + ${hinted} + ${cut}`,
      holds: sent === acknowledged + hinted + cut && acknowledged > 0,
    },
    {
      // A call that was cut may have been accepted before.
      what: "acknowledged spans were accepted, and at most those of cut calls beside",
      figures: `${acknowledged * perCall} <= ${accepted} <= ${(acknowledged + cut) * perCall}`,
      holds: accepted >= acknowledged * perCall && accepted <= (acknowledged + cut) * perCall,
    },
    ...Object.entries(kept).map(([signal, { accepted, items, evicted }]) => ({
      what: `accepted = kept + evicted, of ${signal}`,
      figures: `${accepted} = ${items} + ${evicted}`,
      holds: accepted === items + evicted,
    })),
    {
      what: `resident memory is flat (grows by less than ${mostGrowth * 100} %)`,
      figures: growth === undefined ? "too short a time to tell" : `${(growth * 100).toFixed(1)} %`,
      holds: growth === undefined ? undefined : growth < mostGrowth,
    },
    {
      what: "resident memory stays within what the server is sized for",
      figures: `${Math.round(peakBytes / mib)} of ${Math.round(memoryBytes / mib)} MiB`,
      holds: peakBytes <= memoryBytes,
    },
    {
      what: `p99 of /health is under ${mostHealthMs} ms`,
      figures: `${Math.round(p99)} ms of ${samples.length}, worst ${Math.round(worstHealth(samples))} ms`,
      holds: p99 < mostHealthMs,
    },
    {
      what: "readers are answered",
      figures: `${readers.searches} searches, ${readers.refusedSearches} refused, ${readers.tailedBytes} bytes tailed, failures: ${readers.failures.join(", ") || "none"}`,
      holds:
        readers.searches > readers.refusedSearches &&
        readers.tailedBytes > 0 &&
        readers.failures.length === 0,
    },
  ];
}

interface Point {
  readonly atMs: number;
  readonly residentBytes: number;
}

/**
 * When the server has seen everything once: each attack, and both kinds of load, the second of which begins in the
 * middle. What it needs for that stays with the process.
 */
function settledAtMs(samples: readonly Point[], rounds: readonly AttackRound[]): number {
  const middleMs = (samples.at(-1)?.atMs ?? 0) / 2;
  const [first] = rounds;
  if (first === undefined) return middleMs;
  const second = rounds.findIndex(({ attack }, i) => i > 0 && attack === first.attack);
  const lastOfFirstTurn = rounds[second - 1];
  return lastOfFirstTurn === undefined ? Number.POSITIVE_INFINITY : Math.max(middleMs, lastOfFirstTurn.atMs);
}

/**
 * The growth from then on. It is taken from the medians of both halves of the time, because an attack that is going on
 * takes memory that it gives back. Undefined when the time is too short.
 */
function growthOf(samples: readonly Point[], fromMs: number): number | undefined {
  const endMs = samples.at(-1)?.atMs ?? 0;
  if (endMs - fromMs < leastSettledMs) return undefined;
  const middleMs = (fromMs + endMs) / 2;
  const early = median(samples.filter(({ atMs }) => atMs >= fromMs && atMs < middleMs).map(residentOf));
  const late = median(samples.filter(({ atMs }) => atMs >= middleMs).map(residentOf));
  // The medians are half of the time apart.
  return (2 * (late - early)) / early;
}

const residentOf = ({ residentBytes }: Point) => residentBytes;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function healthP99(samples: readonly HealthSample[]): number {
  const sorted = samples.map(({ healthMs = Number.POSITIVE_INFINITY }) => healthMs).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.POSITIVE_INFINITY;
}

function worstHealth(samples: readonly HealthSample[]): number {
  return Math.max(...samples.map(({ healthMs = Number.POSITIVE_INFINITY }) => healthMs));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
