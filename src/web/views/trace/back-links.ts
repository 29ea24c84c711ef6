import type { SpanJson } from "../../../../gen/obsvty/v1/query_pb.ts";

/** The spans that link to each span of the same trace, by its id. */
export function backLinks(
  traceId: string,
  spans: Iterable<SpanJson>,
): ReadonlyMap<string, readonly SpanJson[]> {
  const from = new Map<string, SpanJson[]>();
  for (const span of spans) {
    const linked = (span.links ?? []).filter((link) => link.traceId === traceId);
    for (const spanId of new Set(linked.map((link) => link.spanId ?? ""))) {
      from.set(spanId, [...(from.get(spanId) ?? []), span]);
    }
  }
  return from;
}
