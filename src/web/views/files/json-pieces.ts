import type { Signal } from "../../../domain/signal.ts";
import { parseExactly } from "../../format/exact-json.ts";

/* OTLP/JSON in a file: one request, several in an array, or one on each line, as the Collector's file exporter writes. */

type Json = Readonly<Record<string, unknown>>;

/** The names of the three levels of a request. */
const levels: readonly (readonly [signal: Signal, resources: string, scopes: string, items: string])[] = [
  ["traces", "resourceSpans", "scopeSpans", "spans"],
  ["logs", "resourceLogs", "scopeLogs", "logRecords"],
  ["metrics", "resourceMetrics", "scopeMetrics", "metrics"],
  ["profiles", "resourceProfiles", "scopeProfiles", "profiles"],
];

/** A line of a file, or a piece of a long one, as a request of its own. */
export interface JsonLine {
  /** From 1 on. */
  readonly number: number;
  readonly json: string;
}

export interface JsonRequest {
  readonly signal: Signal;
  readonly json: string;
  /** What it was put together of; none in a file that is one JSON text. */
  readonly lines: readonly JsonLine[];
}

/** Called for a line that cannot be sent. */
export type OnBadLine = (number: number, reason: string) => void;

export class NotOtlp extends Error {
  override readonly name = "NotOtlp";
}

/**
 * The requests of a text, each of at most so many characters where its items allow that. Lines of one signal are put
 * together, in their order.
 * @throws NotOtlp when it is one JSON text, and not of OTLP
 */
export function* jsonRequests(text: string, maxLength: number, onBadLine: OnBadLine): Generator<JsonRequest> {
  const whole = parsed(text);
  if (whole !== undefined) {
    for (const request of Array.isArray(whole) ? whole : [whole]) {
      for (const piece of piecesOf(request, maxLength)) {
        yield { signal: piece.signal, json: jsonOf([piece]), lines: [] };
      }
    }
    return;
  }
  const batches = new Map<Signal, Batch>();
  for (const piece of linePieces(text, maxLength, onBadLine)) {
    const { signal } = piece;
    const batch = batches.get(signal);
    // Profiles of two requests have two dictionaries.
    const fits = signal !== "profiles" && (batch?.length ?? 0) + piece.text.length < maxLength;
    if (batch !== undefined && fits) {
      batch.pieces.push(piece);
      batch.length += piece.text.length + 1;
    } else {
      if (batch !== undefined) yield joined(signal, batch.pieces);
      batches.set(signal, { pieces: [piece], length: piece.text.length });
    }
  }
  for (const [signal, { pieces }] of batches) yield joined(signal, pieces);
}

/** Lines that are sent together. */
interface Batch {
  readonly pieces: LinePiece[];
  /** Of their texts. */
  length: number;
}

interface Piece {
  readonly signal: Signal;
  /** Of its list of resources; "" of a request that stays whole. */
  readonly list: string;
  /** The resources, with commas between, or the whole request. */
  readonly text: string;
}

interface LinePiece extends Piece {
  readonly number: number;
}

function jsonOf(pieces: readonly Piece[]): string {
  const text = pieces.map((piece) => piece.text).join(",");
  const list = pieces[0]?.list ?? "";
  return list === "" ? text : `{"${list}":[${text}]}`;
}

function joined(signal: Signal, pieces: readonly LinePiece[]): JsonRequest {
  const lines = pieces.map((piece) => ({ number: piece.number, json: jsonOf([piece]) }));
  return { signal, json: jsonOf(pieces), lines };
}

function* linePieces(text: string, maxLength: number, onBadLine: OnBadLine): Generator<LinePiece> {
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const number = index + 1;
    const request = parsed(line);
    try {
      if (request === undefined) throw new NotOtlp("it is no JSON");
      for (const piece of piecesOf(request, maxLength)) yield { ...piece, number };
    } catch (error) {
      if (!(error instanceof NotOtlp)) throw error;
      onBadLine(number, error.message);
    }
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

function* piecesOf(request: unknown, maxLength: number): Generator<Piece> {
  const found = levels.filter(([, resources]) => Array.isArray((request as Json | null)?.[resources]));
  if (found.length === 0) {
    throw new NotOtlp(
      "it is JSON, but not of OTLP: it has no resourceSpans, resourceLogs or resourceMetrics",
    );
  }
  for (const [signal, ...names] of found) {
    // Of a profile everything beside it is its dictionary.
    if (signal === "profiles") {
      yield { signal, list: "", text: JSON.stringify(request) };
      continue;
    }
    const [list] = names;
    for (const piece of parted({ [list]: (request as Json)[list] }, names, maxLength)) {
      const resources = piece[list] as readonly unknown[];
      yield { signal, list, text: resources.map((resource) => JSON.stringify(resource)).join(",") };
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
