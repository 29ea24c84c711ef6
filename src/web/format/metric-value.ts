import { shortDuration } from "./time.ts";
import { bytesText } from "./value.ts";
import { visible } from "./visible.ts";

/** UCUM's names of lengths of time, in nanoseconds. */
const timeUnits: ReadonlyMap<string, number> = new Map([
  ["ns", 1],
  ["us", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
  ["min", 6e10],
  ["h", 3.6e12],
]);

const prefixes: readonly (readonly [name: string, size: number])[] = [
  ["T", 1e12],
  ["G", 1e9],
  ["M", 1e6],
  ["k", 1e3],
];

/** `1.5k`: three figures, in thousands. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-6)) return value.toExponential(2);
  const [name, unit] = prefixes.find(([, prefix]) => Number((size / prefix).toPrecision(3)) >= 1) ?? ["", 1];
  const shown = value / unit;
  return `${Math.abs(shown) >= 1_000 ? Math.round(shown) : Number(shown.toPrecision(3))}${name}`;
}

/**
 * A value of a metric with its unit, to three figures.
 * @param unit in UCUM, such as `By`, `ms`, `1` or `{request}`
 * @param fn of QueryMetric: a rate is by the second, a count has no unit
 */
export function metricText(value: number, unit: string, fn: string): string {
  if (!Number.isFinite(value)) return String(value);
  if (fn === "count") return shortNumber(value);
  const perSecond = fn === "rate" ? "/s" : "";
  const nanos = timeUnits.get(unit);
  // Seconds by the second are a share, and a number tells it.
  if (nanos !== undefined && perSecond === "" && Math.abs(value * nanos) < 9e15) {
    return shortDuration(BigInt(Math.round(value * nanos)));
  }
  if (unit === "By") return `${value < 0 ? "-" : ""}${bytesText(Math.abs(value))}${perSecond}`;
  if (unit === "1" || unit === "") return `${shortNumber(value)}${perSecond}`;
  if (unit === "%") return `${shortNumber(value)} %${perSecond}`;
  return `${shortNumber(value)} ${shortUnit(unit)}${perSecond}`;
}

/** Units stand beside axes, where there is no room for a text that somebody took for one. */
const mostOfUnit = 20;

function shortUnit(unit: string): string {
  const shown = visible(unit.replace(/^\{(.*)\}$/, "$1"));
  return shown.length > mostOfUnit ? `${shown.slice(0, mostOfUnit - 1)}…` : shown;
}
