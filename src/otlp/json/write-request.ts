import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { MetricSchema } from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { Signal } from "../../domain/signal.ts";
import { readMessage } from "../decode/read-message.ts";
import { requestSchemas } from "../services.ts";
import { WireFields } from "../wire/wire-fields.ts";
import { toPlain } from "./message-to-plain.ts";

/**
 * An encoded `Export*ServiceRequest` as one OTLP/JSON document, the way the Collector's file exporter writes
 * it (pdata's JSON marshaler): lowerCamelCase names in the order of the .proto files, ids in hex, 64-bit
 * integers as strings, enums as numbers; defaults are left out except for the messages that pdata embeds.
 * Unknown fields are not written; invalid UTF-8 becomes U+FFFD.
 * @param bytes a request that the scanner accepted
 */
export function writeJsonRequest(signal: Signal, bytes: Uint8Array): string {
  const schema: DescMessage = requestSchemas[signal];
  return JSON.stringify(toPlain(schema, readMessage(schema, bytes)));
}

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
