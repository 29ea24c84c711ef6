import { payloads } from "../bench/payloads.ts";
import type { HealthSample } from "./health.ts";
import { type AttackRound, type SoakOutcome, soakPayload } from "./soak.ts";

/** One thing that a soak checks. */
export interface Finding {
  readonly what: string;
  readonly figures: string;
  readonly holds: boolean;
}

const mib = 2 ** 20;
/** What resident memory may grow in the time that is looked at, as a part of its mean there. */
const mostGrowth = 0.1;
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
  const growth = rounds.length === 0 ? growthOfSecondHalf(samples) : growthBetweenTurns(rounds);
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
      figures: Number.isNaN(growth) ? "too short a time to tell" : `${(growth * 100).toFixed(1)} %`,
      holds: growth < mostGrowth,
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

function growthOfSecondHalf(samples: readonly Point[]): number {
  const end = samples.at(-1)?.atMs ?? 0;
  return growthOf([samples.filter(({ atMs }) => atMs >= end / 2)]);
}

/**
 * Attacks leave more or less behind, so each is compared with its own later rounds. The first turn of all warms
 * the process up.
 */
function growthBetweenTurns(rounds: readonly AttackRound[]): number {
  const byAttack = Map.groupBy(rounds, ({ attack }) => attack);
  return growthOf([...byAttack.values()].map((ofAttack) => ofAttack.slice(1)));
}

/** Growth of one line that is fitted through groups with a level each, as a part of the mean of all. */
function growthOf(groups: readonly (readonly Point[])[]): number {
  const deviations = groups.flatMap((points) => {
    const [meanAt, mean] = [average(points.map(({ atMs }) => atMs)), average(points.map(residentOf))];
    return points.map((point) => ({ at: point.atMs - meanAt, bytes: point.residentBytes - mean }));
  });
  const slope = sum(deviations.map(({ at, bytes }) => at * bytes)) / sum(deviations.map(({ at }) => at ** 2));
  const points = groups.flat();
  const times = points.map(({ atMs }) => atMs);
  return (slope * (Math.max(...times) - Math.min(...times))) / average(points.map(residentOf));
}

const residentOf = ({ residentBytes }: Point) => residentBytes;

function average(values: readonly number[]): number {
  return sum(values) / values.length;
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
