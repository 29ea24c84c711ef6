import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Signal, signals } from "../domain/signal.ts";
import { itemSchemas, requestSchemas } from "./services.ts";
import { type WireField, WireFields } from "./wire/wire-fields.ts";

/** Of a message, by the number of a field: where its items are, or that the field is an item. */
type Path = Map<number, Path | "item">;

const itemTypes = new Set<string>(
  signals.flatMap((signal) => itemSchemas[signal].map(({ typeName }) => typeName)),
);

const paths = new Map<Signal, Path>();

/** How many items an encoded `Export*ServiceRequest` holds, those included that a receiver would reject. */
export function countItems(signal: Signal, bytes: Uint8Array): number {
  return countIn(pathOf(signal), bytes, 0, bytes.byteLength);
}

function countIn(path: Path, bytes: Uint8Array, at: number, end: number): number {
  let count = 0;
  for (const field = new WireFields(bytes, at, end); field.next() && field.end <= end; ) {
    const inner = innerOf(path, field);
    if (inner === "item") count += 1;
    else if (inner !== undefined) count += countIn(inner, bytes, field.valueAt, field.end);
  }
  return count;
}

/**
 * A part of an encoded `Export*ServiceRequest`: items of it, in their resources, scopes and metrics. The dictionary of
 * profiles comes with every part.
 * @param from the first item, counted from 0
 */
export function cutRequest(signal: Signal, bytes: Uint8Array, from: number, count: number): Uint8Array {
  const cut: Cut = { bytes, from, end: from + count, next: 0 };
  return Buffer.concat(cutOut(cut, pathOf(signal), 0, bytes.byteLength));
}

interface Cut {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly end: number;
  /** Items that lie before the present position. */
  next: number;
}

/** What is left of the message in [at, end). */
function cutOut(cut: Cut, path: Path, at: number, end: number): Uint8Array[] {
  const { bytes } = cut;
  const left: Uint8Array[] = [];
  for (const field = new WireFields(bytes, at, end); field.next() && field.end <= end; ) {
    const inner = innerOf(path, field);
    const isWithin = cut.next >= cut.from && cut.next < cut.end;
    if (inner === "item") cut.next += 1;
    if (inner === undefined || inner === "item") {
      if (inner === undefined || isWithin) left.push(bytes.subarray(field.tagAt, field.end));
      continue;
    }
    const before = cut.next;
    const parts = cutOut(cut, inner, field.valueAt, field.end);
    const isCut = before < cut.end && cut.next > cut.from;
    // One that has no items goes with those around it.
    if (cut.next === before ? !isWithin : !isCut) continue;
    const byteLength = parts.reduce((sum, part) => sum + part.byteLength, 0);
    left.push(new BinaryWriter().tag(field.number, field.wireType).uint32(byteLength).finish(), ...parts);
  }
  return left;
}

/** What a field of a message is on the way to the items. */
function innerOf(path: Path, { wireType, number }: WireField): Path | "item" | undefined {
  return wireType === WireType.LengthDelimited ? path.get(number) : undefined;
}

function pathOf(signal: Signal): Path {
  let path = paths.get(signal);
  if (path === undefined) {
    path = pathIn(requestSchemas[signal]);
    paths.set(signal, path);
  }
  return path;
}

/** @param within the messages around it, which are not searched again: AnyValue contains itself */
function pathIn(schema: DescMessage, within: readonly DescMessage[] = []): Path {
  const path: Path = new Map();
  for (const { number, message } of schema.fields) {
    if (message === undefined || within.includes(message)) continue;
    if (itemTypes.has(message.typeName)) path.set(number, "item");
    else {
      const inner = pathIn(message, [...within, schema]);
      if (inner.size > 0) path.set(number, inner);
    }
  }
  return path;
}
