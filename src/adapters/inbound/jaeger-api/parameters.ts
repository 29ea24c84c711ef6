import { invalidArgument } from "../../../domain/errors.ts";
import { parseTraceId, type TraceId } from "../../../domain/ids.ts";
import { maxTraces } from "./traces-search.ts";

/** The query of a request's URL, as callers of Jaeger write it. A parameter that is empty is not given. */
export class Parameters {
  readonly #query: URLSearchParams;

  /** @param url path and query */
  constructor(url: string) {
    const at = url.indexOf("?");
    this.#query = new URLSearchParams(at < 0 ? "" : url.slice(at + 1));
  }

  /** The first value that is given under one of these names. */
  text(...names: readonly string[]): { readonly name: string; readonly value: string } | undefined {
    for (const name of names) {
      const value = this.#query.get(name);
      if (value !== null && value !== "") return { name, value };
    }
    return undefined;
  }

  all(name: string): string[] {
    return this.#query.getAll(name).filter((value) => value !== "");
  }

  /** @throws ObsvtyError invalid-argument that names the parameter, as the other methods */
  whole(...names: readonly string[]): bigint | undefined {
    const found = this.text(...names);
    if (found === undefined) return undefined;
    if (!/^-?\d{1,18}$/.test(found.value)) throw invalidArgument(found.name, "must be a whole number");
    return BigInt(found.value);
  }

  /** How many traces are asked for, at most. */
  limit(...names: readonly string[]): number | undefined {
    const found = this.text(...names);
    if (found === undefined) return undefined;
    const limit = Number(this.whole(...names));
    if (limit < 1 || limit > maxTraces) {
      throw invalidArgument(found.name, `must be a whole number from 1 to ${maxTraces}`);
    }
    return limit;
  }

  /** Nanoseconds of a duration as Go writes it, such as `1.5ms` or `1h30m`. */
  duration(...names: readonly string[]): bigint | undefined {
    const found = this.text(...names);
    if (found === undefined) return undefined;
    const nano = parseGoDuration(found.value);
    if (nano === undefined) throw invalidArgument(found.name, "a duration looks like 1.2s, 100ms or 500us");
    return nano;
  }

  /** Nanoseconds since the epoch of a time in RFC 3339. */
  time(...names: readonly string[]): bigint | undefined {
    const found = this.text(...names);
    if (found === undefined) return undefined;
    // A plus sign that is not escaped, as Grafana sends it, has become a space.
    const nano = parseTime(found.value.replace(" ", "+"));
    if (nano === undefined) throw invalidArgument(found.name, "a time looks like 2026-11-23T10:00:00.123Z");
    return nano;
  }

  /** A JSON object of names and values, each taken as text. */
  tags(value: string, name: string): ReadonlyMap<string, string> {
    const object = parseJson(value);
    if (typeof object !== "object" || object === null || Array.isArray(object)) {
      throw invalidArgument(name, 'must be a JSON object such as {"http.status_code":"500"}');
    }
    return new Map(
      Object.entries(object).map(([key, of]) => [key, typeof of === "string" ? of : JSON.stringify(of)]),
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Jaeger takes ids without their leading zeros. */
export function traceIdOf(text: string, name: string): TraceId {
  return parseTraceId(text.length > 0 ? text.padStart(32, "0") : text, name);
}

const unitNanos: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3_600e9,
  // Go has none of these. Jaeger's UI writes them in `lookback`.
  d: 86_400e9,
  w: 604_800e9,
};

const goDuration = /^(?:\d{1,15}(?:\.\d{1,15})?(?:ns|us|µs|μs|ms|s|m|h|d|w))+$/;

/** Nanoseconds; undefined when it is no duration, or a negative one. */
export function parseGoDuration(text: string): bigint | undefined {
  if (text === "0") return 0n;
  if (text.length > 100 || !goDuration.test(text)) return undefined;
  let nano = 0;
  for (const [, count = "", unit = ""] of text.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    nano += Number(count) * (unitNanos[unit] ?? 0);
  }
  return BigInt(Math.round(nano));
}

const rfc3339 = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/;

function parseTime(text: string): bigint | undefined {
  const [, seconds = "", fraction = "", zone = ""] = rfc3339.exec(text) ?? [];
  const ms = Date.parse(`${seconds}${zone}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
