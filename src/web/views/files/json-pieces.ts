import { parseExactly } from "../../format/exact-json.ts";
import type { Signal } from "./protobuf-pieces.ts";

/* OTLP/JSON in a file: one request, several in an array, or one on each line, as the Collector's file exporter writes. */

type Json = Readonly<Record<string, unknown>>;

/** The names of the three levels of a request. */
const levels: readonly (readonly [signal: Signal, resources: string, scopes: string, items: string])[] = [
  ["traces", "resourceSpans", "scopeSpans", "spans"],
  ["logs", "resourceLogs", "scopeLogs", "logRecords"],
  ["metrics", "resourceMetrics", "scopeMetrics", "metrics"],
  ["profiles", "resourceProfiles", "scopeProfiles", "profiles"],
];

export interface JsonRequest {
  readonly signal: Signal;
  readonly json: string;
}

export class NotOtlp extends Error {
  override readonly name = "NotOtlp";
}

/**
 * The requests of a text, each of at most so many characters where its items allow that.
 * @throws NotOtlp
 */
export function* jsonRequests(text: string, maxLength: number): Generator<JsonRequest> {
  const whole = parsed(text);
  if (whole !== undefined) {
    for (const request of Array.isArray(whole) ? whole : [whole]) yield* piecesOf(request, maxLength);
    return;
  }
  let number = 0;
  for (const line of text.split("\n")) {
    number += 1;
    if (line.trim() === "") continue;
    const request = parsed(line);
    if (request === undefined) throw new NotOtlp(`line ${number} is no JSON`);
    yield* piecesOf(request, maxLength);
  }
}

/** Integers that a double cannot hold, such as times that are no texts, become texts, which OTLP/JSON allows. */
function parsed(text: string): unknown {
  try {
    return parseExactly(text, (source, value) => (/^-?\d+$/.test(source) ? source : value));
  } catch {
    return undefined;
  }
}

function* piecesOf(request: unknown, maxLength: number): Generator<JsonRequest> {
  const found = levels.filter(([, resources]) => Array.isArray((request as Json | null)?.[resources]));
  if (found.length === 0) {
    throw new NotOtlp(
      "it is JSON, but not of OTLP: it has no resourceSpans, resourceLogs or resourceMetrics",
    );
  }
  for (const [signal, ...names] of found) {
    // Of a profile everything beside it is its dictionary.
    const own = signal === "profiles" ? request : { [names[0]]: (request as Json)[names[0]] };
    for (const piece of signal === "profiles" ? [own] : parted(own as Json, names, maxLength)) {
      yield { signal, json: JSON.stringify(piece) };
    }
  }
}

/** @param names of the lists, the outermost first */
function* parted(whole: Json, names: readonly string[], maxLength: number): Generator<Json> {
  const [name = "", ...inner] = names;
  const { [name]: list, ...frame } = whole;
  const room = Math.max(1, maxLength - JSON.stringify(frame).length - name.length - 6);
  let held: unknown[] = [];
  let heldLength = 0;
  for (const element of Array.isArray(list) ? list : []) {
    const length = JSON.stringify(element).length + 1;
    const parts = length > room && inner.length > 0 ? [...parted(element as Json, inner, room)] : [element];
    for (const part of parts) {
      const partLength = parts.length === 1 ? length : JSON.stringify(part).length + 1;
      if (held.length > 0 && heldLength + partLength > room) {
        yield { ...frame, [name]: held };
        held = [];
        heldLength = 0;
      }
      held.push(part);
      heldLength += partLength;
    }
  }
  if (held.length > 0) yield { ...frame, [name]: held };
}
