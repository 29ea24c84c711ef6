import { WireType } from "@bufbuild/protobuf/wire";
import { WireFields } from "../../../src/otlp/wire/wire-fields.ts";

/** The numbers of the fields that lead to a span: of `resource_spans`, `scope_spans` and `spans` (trace.proto). */
const path = [1, 2, 2] as const;

/** The spans of an encoded ExportTraceServiceRequest. Nothing in them is looked at. */
export function countSpans(request: Uint8Array): number {
  return countAt(request, 0, request.byteLength, 0);
}

function countAt(bytes: Uint8Array, at: number, end: number, depth: number): number {
  const isLast = depth === path.length - 1;
  let count = 0;
  for (const field = new WireFields(bytes, at, end); field.next() && field.end <= end; ) {
    if (field.number !== path[depth] || field.wireType !== WireType.LengthDelimited) continue;
    count += isLast ? 1 : countAt(bytes, field.valueAt, field.end, depth + 1);
  }
  return count;
}
