import type { LogRecordJson, SpanJson } from "../../../../../gen/obsvty/v1/query_pb.ts";

/** Whether a span has to do with a language model: only then the code that shows conversations is loaded. */
export function hasConversation(span: SpanJson, logs: readonly LogRecordJson[]): boolean {
  return [span, ...(span.events ?? []), ...logs].some(({ attributes = {} }) =>
    Object.keys(attributes).some((key) => key.startsWith("gen_ai.")),
  );
}
