import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { EncodedItem } from "../domain/encoded-item.ts";
import { metricDataFields } from "./services.ts";
import { WireFields } from "./wire/wire-fields.ts";

/**
 * Makes an encoded `Export*ServiceRequest` of items of one signal that were taken out of theirs. Neighbours of the
 * same resource and scope share one, and so do points of the same metric. Not for profiles, which need the dictionary
 * of their request.
 *
 * In the request of every signal, field 1 holds resource containers. Of these, and of the scope containers in
 * them, field 1 is the resource or scope, field 2 holds what belongs to it, and field 3 is its schema URL.
 */
export function encodeItems(items: readonly EncodedItem[]): Uint8Array {
  const request = new BinaryWriter();
  let previous: EncodedItem | undefined;
  /** Of the metric that is open. */
  let dataField = 0;
  for (const encoded of items) {
    const isSameResource = previous !== undefined && sharesResource(previous, encoded);
    const isSameScope = isSameResource && previous !== undefined && sharesScope(previous, encoded);
    const isSameMetric = isSameScope && previous !== undefined && sharesMetric(previous, encoded);
    // Close the previous metric.
    if (previous?.metric !== undefined && !isSameMetric) request.join();
    if (previous !== undefined && !isSameScope) request.join();
    if (previous !== undefined && !isSameResource) request.join();
    if (!isSameResource) {
      open(request, 1);
      open(request, 1).raw(encoded.resource).join();
      writeString(request, 3, encoded.resourceSchemaUrl);
    }
    if (!isSameScope) {
      open(request, 2);
      open(request, 1).raw(encoded.scope).join();
      writeString(request, 3, encoded.scopeSchemaUrl);
    }
    if (encoded.metric === undefined) {
      open(request, 2).raw(encoded.item).join();
    } else {
      if (!isSameMetric) {
        open(request, 2).raw(encoded.metric);
        // Found once for all points: a metric may have millions of fields.
        dataField = dataFieldOf(encoded.metric);
      }
      writePoint(request, dataField, encoded.item);
    }
    previous = encoded;
  }
  if (previous?.metric !== undefined) request.join();
  if (previous !== undefined) request.join().join();
  return request.finish();
}

/** Writes a point into the metric that is open, and leaves it open. */
function writePoint(request: BinaryWriter, dataField: number, point: Uint8Array): void {
  // The metric ends with its data field, which holds no points. Further occurrences of that field are merged
  // into the first (protobuf encoding, "Last One Wins").
  open(request, dataField);
  open(request, 1).raw(point).join();
  request.join();
}

function sharesResource(a: EncodedItem, b: EncodedItem): boolean {
  return a.resourceSchemaUrl === b.resourceSchemaUrl && Buffer.compare(a.resource, b.resource) === 0;
}

function sharesScope(a: EncodedItem, b: EncodedItem): boolean {
  return a.scopeSchemaUrl === b.scopeSchemaUrl && Buffer.compare(a.scope, b.scope) === 0;
}

function sharesMetric({ metric: a }: EncodedItem, { metric: b }: EncodedItem): boolean {
  return a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
}

/** The number of the field that holds the metric's points: the last member of the oneof `data` in the bytes. */
function dataFieldOf(metric: Uint8Array): number {
  let found = 0;
  for (const field = new WireFields(metric); field.next(); ) {
    if (metricDataFields.has(field.number)) found = field.number;
  }
  return found;
}

function writeString(writer: BinaryWriter, field: number, text: string): void {
  if (text !== "") writer.tag(field, WireType.LengthDelimited).string(text);
}

function open(writer: BinaryWriter, field: number): BinaryWriter {
  return writer.tag(field, WireType.LengthDelimited).fork();
}
