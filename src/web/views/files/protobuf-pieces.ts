import type { Signal } from "../../../domain/signal.ts";

/*
 * Protobuf of OTLP, looked at no deeper than it must be to know the signal and to divide a request. In all signals a
 * request has resources (field 1), those have scopes (field 2), and those have items (field 2). Profiles share a dictionary
 * beside their resources, so they cannot be divided.
 */

interface Field {
  readonly number: number;
  readonly wireType: number;
  /** All of the field, and its value alone. */
  readonly bytes: Uint8Array;
  readonly value: Uint8Array;
}

export class NotProtobuf extends Error {
  override readonly name = "NotProtobuf";
}

/** @throws NotProtobuf */
function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new NotProtobuf("a field runs past its end");
  };
  while (at < bytes.length) {
    const begin = at;
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    let valueAt = at;
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = varint();
      valueAt = at;
      at += length;
    } else throw new NotProtobuf(`there is no type ${wireType} of fields`);
    if (number === 0 || at > bytes.length) throw new NotProtobuf("a field runs past its end");
    fields.push({ number, wireType, bytes: bytes.subarray(begin, at), value: bytes.subarray(valueAt, at) });
  }
  return fields;
}

/** @throws NotProtobuf @returns undefined when there is no item in it */
export function signalOf(request: Uint8Array): Signal | undefined {
  const top = fieldsOf(request);
  if (top.some(({ number, wireType }) => number > 2 || wireType !== 2)) {
    throw new NotProtobuf("it is not a request of OTLP");
  }
  if (top.some(({ number }) => number === 2)) return "profiles";
  for (const resource of top) {
    for (const scope of fieldsOf(resource.value).filter(({ number }) => number === 2)) {
      const item = fieldsOf(scope.value).find(({ number }) => number === 2);
      if (item !== undefined) return signalOfItem(fieldsOf(item.value));
    }
  }
  return undefined;
}

/**
 * A span has its times as 7 and 8, a log record as 1 and 11. One that has no times still has its ids, or no name as 1,
 * which each metric has.
 */
function signalOfItem(fields: readonly Field[]): Signal {
  const fixed = (...numbers: number[]) =>
    fields.some(({ number, wireType }) => wireType === 1 && numbers.includes(number));
  if (fixed(7, 8)) return "traces";
  if (fixed(1, 11) || fields.some(({ number, wireType }) => number === 2 && wireType === 0)) return "logs";
  const first = fields.find(({ number }) => number === 1);
  if (first === undefined) return "logs";
  return isTraceId(first) && fields.some(isSpanId) ? "traces" : "metrics";
}

/** The name of a metric, which stands there too, is a text. */
function isTraceId({ wireType, value }: Field): boolean {
  return wireType === 2 && value.length === 16 && value.some((byte) => byte < 0x20 || byte > 0x7e);
}

function isSpanId({ number, wireType, value }: Field): boolean {
  return number === 2 && wireType === 2 && value.length === 8;
}

/** The requests in a file: each behind its length in four bytes, or one alone. */
export function framedRequests(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const requests: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 <= bytes.length ? at + 4 + view.getUint32(at) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) return [bytes];
    requests.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return requests;
}

/** What the answer to an export says of items that were rejected. */
export function partialSuccessOf(response: Uint8Array): {
  readonly rejected: number;
  readonly reason: string;
} {
  const fields = fieldsOf(response).flatMap(({ value }) => fieldsOf(value));
  const count = fields.find(({ number, wireType }) => number === 1 && wireType === 0);
  const rejected = count?.value.reduceRight((sum, byte) => sum * 128 + (byte & 0x7f), 0) ?? 0;
  return { rejected, reason: textOf(fields) };
}

/** The message of a google.rpc.Status. */
export function statusMessageOf(status: Uint8Array): string {
  return textOf(fieldsOf(status));
}

/** Both have their words in field 2. */
function textOf(fields: readonly Field[]): string {
  const found = fields.find(({ number, wireType }) => number === 2 && wireType === 2);
  return found === undefined ? "" : new TextDecoder().decode(found.value);
}

/** A request as several, each of at most so many bytes where its items allow that. @throws NotProtobuf */
export function protobufPieces(request: Uint8Array, maxBytes: number): readonly Uint8Array[] {
  if (request.length <= maxBytes || signalOf(request) === "profiles") return [request];
  return parted(request, 1, maxBytes, 2);
}

/** @param depth how often what is parted may be parted again */
function parted(
  message: Uint8Array,
  partNumber: number,
  maxBytes: number,
  depth: number,
): readonly Uint8Array[] {
  const fields = fieldsOf(message);
  const frame = fields.filter(({ number }) => number !== partNumber).map(({ bytes }) => bytes);
  const frameBytes = sizeOf(frame);
  const room = Math.max(1, maxBytes - frameBytes);
  const pieces: Uint8Array[] = [];
  let held: Uint8Array[] = [];
  const flush = () => {
    if (held.length > 0) pieces.push(joined([...frame, ...held]));
    held = [];
  };
  for (const { number, bytes, value } of fields) {
    if (number !== partNumber) continue;
    const parts =
      bytes.length > room && depth > 0
        ? parted(value, 2, room - 12, depth - 1).map((part) => delimited(partNumber, part))
        : [bytes];
    for (const part of parts) {
      if (sizeOf(held) + part.length > room) flush();
      held.push(part);
    }
  }
  flush();
  return pieces;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(sizeOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function delimited(number: number, value: Uint8Array): Uint8Array {
  const head = [number * 8 + 2];
  let length = value.length;
  for (; length >= 0x80; length = Math.floor(length / 0x80)) head.push((length % 0x80) | 0x80);
  head.push(length);
  return joined([Uint8Array.from(head), value]);
}
