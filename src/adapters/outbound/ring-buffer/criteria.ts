import { metricTypes } from "../../../domain/telemetry.ts";
import * as layout from "../../../otlp/scan/layout.ts";
import type { Scanner } from "../../../otlp/scan/scanner.ts";
import type { ItemCriteria } from "../../../ports/telemetry-store.ts";

const MAX_U64 = 2n ** 64n - 1n;
/** An index row keeps an enum in one byte, in which 255 stands for everything larger. */
const LARGEST_EXACT_ENUM = 254;

/**
 * Puts criteria into the scanner's control block, their strings into the scratch space.
 * False: nothing can match.
 */
export function writeCriteria(
  scanner: Scanner,
  criteria: ItemCriteria,
  scratchAt: number,
  scratchBytes: number,
): boolean {
  let flags = 0;
  let scratch = scratchAt;
  const scratchEnd = scratchAt + scratchBytes;
  let canMatch = true;

  const setByte = (flag: number, at: number, value: number): void => {
    flags |= flag;
    if (value < 0 || value > LARGEST_EXACT_ENUM) canMatch = false;
    scanner.bytes[at] = value;
  };
  const setLong = (flag: number, at: number, value: bigint): void => {
    flags |= flag;
    scanner.longs[at / 8] = value < 0n ? 0n : value > MAX_U64 ? MAX_U64 : value;
  };
  /** Writes address and length of the string at `at`. A string with no room for it is in no request either. */
  const putString = (at: number, value: string): void => {
    const bytes = new TextEncoder().encode(value);
    if (scratch + bytes.byteLength > scratchEnd) {
      canMatch = false;
      return;
    }
    scanner.bytes.set(bytes, scratch);
    scanner.words[at / 4] = scratch;
    scanner.words[at / 4 + 1] = bytes.byteLength;
    scratch += bytes.byteLength;
  };
  const setString = (flag: number, at: number, value: string): void => {
    flags |= flag;
    putString(at, value);
  };
  const setAttributes = (attributes: ReadonlyMap<string, string>): void => {
    // What is shown as U+FFFD may be any bytes that are not UTF-8.
    const wanted = [...attributes].filter((pair) => !pair.join("").includes("\ufffd"));
    const listAt = Math.ceil(scratch / 4) * 4;
    const listEnd = listAt + wanted.length * layout.WANTED_BYTES;
    // Without room for the list nothing is narrowed down.
    if (wanted.length === 0 || listEnd > scratchEnd) return;
    flags |= layout.FIND_ATTRIBUTES;
    scratch = listEnd;
    let at = listAt;
    for (const [key, text] of wanted) {
      putString(at + layout.WANTED_KEY_AT, key);
      putString(at + layout.WANTED_TEXT_AT, text);
      at += layout.WANTED_BYTES;
    }
    scanner.words[layout.CRITERIA_ATTRIBUTES_AT / 4] = listAt;
    scanner.words[layout.CRITERIA_ATTRIBUTES_COUNT / 4] = wanted.length;
  };

  if (criteria.traceId !== undefined) {
    if (criteria.traceId.byteLength !== 16) return false;
    flags |= layout.FIND_TRACE_ID;
    scanner.bytes.set(criteria.traceId, layout.CRITERIA_TRACE_ID);
  }
  if (criteria.service !== undefined) {
    setString(layout.FIND_SERVICE, layout.CRITERIA_SERVICE_AT, criteria.service);
  }
  if (criteria.name !== undefined) setString(layout.FIND_NAME, layout.CRITERIA_NAME_AT, criteria.name);
  if (criteria.kind !== undefined) setByte(layout.FIND_KIND, layout.CRITERIA_KIND, criteria.kind);
  if (criteria.metricType !== undefined) {
    // METRIC_* count from 1 in the order of `metricTypes`.
    setByte(layout.FIND_KIND, layout.CRITERIA_KIND, metricTypes.indexOf(criteria.metricType) + 1);
  }
  if (criteria.statusCode !== undefined) {
    setByte(layout.FIND_STATUS, layout.CRITERIA_STATUS, criteria.statusCode);
  }
  if (criteria.minSeverity !== undefined) {
    setByte(layout.FIND_MIN_SEVERITY, layout.CRITERIA_MIN_SEVERITY, criteria.minSeverity);
  }
  if (criteria.minDurationNano !== undefined) {
    setLong(layout.FIND_MIN_DURATION, layout.CRITERIA_MIN_DURATION, criteria.minDurationNano);
  }
  if (criteria.maxDurationNano !== undefined) {
    if (criteria.maxDurationNano < 0n) return false;
    setLong(layout.FIND_MAX_DURATION, layout.CRITERIA_MAX_DURATION, criteria.maxDurationNano);
  }
  if (criteria.sinceUnixNano !== undefined) {
    setLong(layout.FIND_SINCE, layout.CRITERIA_SINCE, criteria.sinceUnixNano);
  }
  if (criteria.untilUnixNano !== undefined) {
    setLong(layout.FIND_UNTIL, layout.CRITERIA_UNTIL, criteria.untilUnixNano);
  }
  if (criteria.attributes !== undefined) setAttributes(criteria.attributes);
  scanner.words[layout.CRITERIA_FLAGS / 4] = flags;
  return canMatch;
}
