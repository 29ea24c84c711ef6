import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { Signal } from "../../domain/signal.ts";
import { readMessage } from "../decode/read-message.ts";
import { MetricSchema, requestSchemas } from "../decode/schemas.ts";
import { wireFields } from "../wire/wire-fields.ts";
import { toPlain } from "./message-to-plain.ts";

/**
 * An encoded `Export*ServiceRequest` as one OTLP/JSON document, the way the Collector's file exporter writes
 * it (pdata's JSON marshaler): lowerCamelCase names in the order of the .proto files, ids in hex, 64-bit
 * integers as strings, enums as numbers, defaults left out but for the messages that pdata has in place.
 * Unknown fields cannot be written; bytes that are not UTF-8 become U+FFFD.
 * @param bytes a request that the scanner let pass
 */
export function writeJsonRequest(signal: Signal, bytes: Uint8Array): string {
  const schema = requestSchemas[signal];
  return JSON.stringify(toPlain(schema, readMessage(schema, bytes)));
}

/** One kept item, with its resource and scope, as a document of its own. */
export function writeJsonItem(signal: Signal, item: EncodedItem): string {
  return writeJsonRequest(signal, encodeAlone(item));
}

/** In each signal's request: the container of a resource is field 1, in it that of a scope field 2. */
function encodeAlone({ item, resource, scope, metric }: EncodedItem): Uint8Array {
  const request = new BinaryWriter();
  open(request, 1);
  open(request, 1).raw(resource).join();
  open(request, 2);
  open(request, 1).raw(scope).join();
  open(request, 2);
  if (metric === undefined) {
    request.raw(item);
  } else {
    // The metric ends with its data, empty of points: the same field again adds to it ("Last One Wins").
    request.raw(metric);
    open(request, dataFieldOf(metric));
    open(request, 1).raw(item).join();
    request.join();
  }
  return request.join().join().join().finish();
}

const dataFields = new Set(MetricSchema.oneofs.flatMap(({ fields }) => fields.map(({ number }) => number)));

/** The number of the field in which the metric has its points; it is one of a oneof, so the last one counts. */
function dataFieldOf(metric: Uint8Array): number {
  let found = 0;
  for (const { number } of wireFields(metric, 0, metric.byteLength)) {
    if (dataFields.has(number)) found = number;
  }
  return found;
}

function open(writer: BinaryWriter, field: number): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).fork();
}
