import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { MetricSchema } from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { Signal } from "../../domain/signal.ts";
import { WireFields } from "../wire/wire-fields.ts";
import { JsonWriter } from "./json-writer.ts";
import { TextBuffer } from "./text-buffer.ts";

/** An encoded `Export*ServiceRequest` as one OTLP/JSON document, in one go: see `JsonWriter`. */
export function writeJsonRequest(signal: Signal, bytes: Uint8Array): string {
  const writer = new JsonWriter();
  const text = new TextBuffer(pieceBytes);
  const pieces: Buffer[] = [];
  writer.begin(signal, bytes);
  for (let isDone = false; !isDone; ) {
    isDone = writer.write(text);
    pieces.push(Buffer.from(text.bytes));
    text.clear();
  }
  return Buffer.concat(pieces).toString();
}

const pieceBytes = 64 * 1_024;

/** One kept item, with its resource and scope, as a document of its own. */
export function writeJsonItem(signal: Signal, item: EncodedItem): string {
  return writeJsonRequest(signal, encodeAlone(item));
}

/**
 * In the request of every signal, field 1 holds resource containers. Of these, and of the scope containers in
 * them, field 1 is the resource or scope, field 2 holds what belongs to it, and field 3 is its schema URL.
 */
function encodeAlone(encoded: EncodedItem): Uint8Array {
  const { item, resource, resourceSchemaUrl, scope, scopeSchemaUrl, metric } = encoded;
  const request = new BinaryWriter();
  open(request, 1);
  open(request, 1).raw(resource).join();
  writeString(request, 3, resourceSchemaUrl);
  open(request, 2);
  open(request, 1).raw(scope).join();
  writeString(request, 3, scopeSchemaUrl);
  open(request, 2);
  if (metric === undefined) {
    request.raw(item);
  } else {
    // The metric ends with its data field, which holds no points. A second occurrence of that field is merged
    // into the first (protobuf encoding, "Last One Wins").
    request.raw(metric);
    open(request, dataFieldOf(metric));
    open(request, 1).raw(item).join();
    request.join();
  }
  return request.join().join().join().finish();
}

const dataFields = new Set(MetricSchema.oneofs.flatMap(({ fields }) => fields.map(({ number }) => number)));

/** The number of the field that holds the metric's points: the last member of the oneof `data` in the bytes. */
function dataFieldOf(metric: Uint8Array): number {
  let found = 0;
  for (const field = new WireFields(metric); field.next(); ) {
    if (dataFields.has(field.number)) found = field.number;
  }
  return found;
}

function writeString(writer: BinaryWriter, field: number, text: string): void {
  if (text !== "") writer.tag(field, WireType.LengthDelimited).string(text);
}

function open(writer: BinaryWriter, field: number): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).fork();
}
