import type { EncodedItem } from "../../../domain/encoded-item.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { compareTimes } from "../../../domain/time.ts";
import { decodeSpanCore, type SpanCore } from "../../../otlp/decode/span-core.ts";
import type { Shown } from "../../../use-cases/read/answer-page.ts";
import type { FoundTrace } from "../../../use-cases/read/find-traces.ts";
import { shownService } from "./span-tags.ts";

/** The bytes that a span without its attributes takes here, about. */
const bytesOfSpan = 256;

export function summarySpan(encoded: EncodedItem): Shown<SpanCore> {
  return { value: decodeSpanCore(encoded), byteLength: bytesOfSpan };
}

/** A `TraceSummary` of Jaeger's api_v3. */
export interface V3Summary {
  readonly traceId: string;
  readonly rootServiceName: string;
  readonly rootOperationName: string;
  readonly minStartTimeUnixNano: bigint;
  readonly maxEndTimeUnixNano: bigint;
  readonly spanCount: number;
  readonly errorSpanCount: number;
  readonly orphanSpanCount: number;
  readonly services: readonly ServiceSummary[];
}

interface ServiceSummary {
  readonly name: string;
  readonly spanCount: number;
  readonly errorSpanCount: number;
}

/** Sums up a trace. Spans that were left out count as spans, and as nothing else. */
export function v3Summary({ traceId, spans, spansLeftOut }: FoundTrace<SpanCore>): V3Summary {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const services = new Map<string, { name: string; spanCount: number; errorSpanCount: number }>();
  let root: SpanCore | undefined;
  let minStartTimeUnixNano = 0n;
  let maxEndTimeUnixNano = 0n;
  let errorSpanCount = 0;
  let orphanSpanCount = 0;
  for (const span of spans) {
    const { startUnixNano, endUnixNano, parentSpanId } = span;
    const name = shownService(span.service);
    const service = services.get(name) ?? { name, spanCount: 0, errorSpanCount: 0 };
    services.set(name, service);
    service.spanCount += 1;
    if (span.statusCode === statusCodeError) {
      errorSpanCount += 1;
      service.errorSpanCount += 1;
    }
    if (parentSpanId !== "" && !ids.has(parentSpanId)) orphanSpanCount += 1;
    if (parentSpanId === "" && (root === undefined || compareTimes(startUnixNano, root.startUnixNano) < 0)) {
      root = span;
    }
    if (compareTimes(startUnixNano, minStartTimeUnixNano) < 0) minStartTimeUnixNano = startUnixNano;
    if (endUnixNano > maxEndTimeUnixNano) maxEndTimeUnixNano = endUnixNano;
  }
  return {
    traceId,
    rootServiceName: root === undefined ? "" : shownService(root.service),
    rootOperationName: root?.name ?? "",
    minStartTimeUnixNano,
    maxEndTimeUnixNano,
    spanCount: spans.length + spansLeftOut,
    errorSpanCount,
    orphanSpanCount,
    services: [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
