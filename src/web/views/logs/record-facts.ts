import type { LogRecordJson } from "../../../../gen/obsvty/v1/query_pb.ts";

/** Of a record without a time that of its arrival at the program that collected it. */
export function timeOf({ time, observedTime }: LogRecordJson): string | undefined {
  return time ?? observedTime;
}

/** The view of the span, or of the trace, that a record is of. */
export function traceOf({ traceId = "", spanId = "" }: LogRecordJson) {
  return { view: "trace", id: traceId, params: { span: spanId } } as const;
}
