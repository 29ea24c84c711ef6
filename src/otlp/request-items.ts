import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { type Signal, signals } from "../domain/signal.ts";
import { itemSchemas, requestSchemas } from "./services.ts";
import { WireFields } from "./wire/wire-fields.ts";

/** Of a message, by the number of a field: where its items are, or that the field is an item. */
type Path = Map<number, Path | "item">;

const itemTypes = new Set<string>(
  signals.flatMap((signal) => itemSchemas[signal].map(({ typeName }) => typeName)),
);

const paths = new Map<Signal, Path>();

/** How many items an encoded `Export*ServiceRequest` holds, those included that a receiver would reject. */
export function countItems(signal: Signal, bytes: Uint8Array): number {
  let path = paths.get(signal);
  if (path === undefined) {
    path = pathIn(requestSchemas[signal]);
    paths.set(signal, path);
  }
  return countIn(path, bytes, 0, bytes.byteLength);
}

function countIn(path: Path, bytes: Uint8Array, at: number, end: number): number {
  let count = 0;
  for (const field = new WireFields(bytes, at, end); field.next() && field.end <= end; ) {
    const inner = field.wireType === WireType.LengthDelimited ? path.get(field.number) : undefined;
    if (inner === "item") count += 1;
    else if (inner !== undefined) count += countIn(inner, bytes, field.valueAt, field.end);
  }
  return count;
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
