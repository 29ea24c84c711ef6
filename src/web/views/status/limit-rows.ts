import type { LimitUseJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { bytesText, countOf, numberText } from "../../format/value.ts";

/** A limit as the page shows it. */
export interface LimitRow {
  readonly setting: string;
  /** What it bounds. */
  readonly bounds: string;
  /** `1.2 MiB of 64 MiB` */
  readonly text: string;
  /** From 0 to 1. */
  readonly part: number;
  /** Calls are refused when it is used up. */
  readonly refuses: boolean;
  /** It refuses, and is nearly used up. */
  readonly isNear: boolean;
}

/** What the limits bound, in the order in which they are shown. A full buffer makes room; what refuses is told of first. */
const known: Readonly<Record<string, readonly [bounds: string, isOfBytes: boolean, refuses: boolean]>> = {
  MAX_CONNECTIONS: ["connections that are open", false, true],
  MAX_INFLIGHT_BYTES: ["requests that are being read", true, true],
  MAX_QUERY_BYTES: ["answers that are being made", true, true],
  MAX_BUFFER_SIZE: ["items held of one signal, the most", false, false],
  MAX_BUFFER_BYTES: ["bytes held of all signals", true, false],
};
/** From this part on a limit is nearly used up. */
export const nearFrom = 0.9;

export function limitRows(limits: Readonly<Record<string, LimitUseJson>> = {}): readonly LimitRow[] {
  return Object.entries(known).flatMap(([setting, [bounds, isOfBytes, refuses]]) => {
    const limit = Object.hasOwn(limits, setting) ? limits[setting] : undefined;
    if (limit === undefined) return [];
    const [used, most] = [Number(limit.used ?? 0), Number(limit.most ?? 0)];
    const part = most > 0 ? Math.min(1, used / most) : 0;
    const shown = (value: number) => (isOfBytes ? bytesText(value) : numberText(value));
    return {
      setting,
      bounds,
      text: `${shown(used)} of ${shown(most)}`,
      part,
      refuses,
      isNear: refuses && part >= nearFrom,
    };
  });
}

/** Why items of a signal were rejected or requests refused, the most frequent reason first. */
export function reasonsOf(counts: Readonly<Record<string, string>> = {}, one: string): readonly string[] {
  return Object.entries(counts)
    .map(([reason, count]) => [reason, Number(count)] as const)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${countOf(count, one)}: ${reason}`);
}
