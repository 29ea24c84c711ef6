import type { SpanFilter } from "../../domain/filter.ts";
import type { Span, TraceSummary } from "../../domain/telemetry.ts";
import { decodeSpan } from "../../otlp/decode/decode-item.ts";
import { traceIdOf } from "../../otlp/decode/trace-id.ts";
import { planOf } from "../filter/item-plan.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { type SearchQuery, type SearchResult, search } from "./search.ts";
import { walk } from "./walk.ts";

/** OTLP's STATUS_CODE_ERROR. */
const statusCodeError = 2;

/**
 * The traces of which a span matches, in order of their newest such span. Each summary is of all the spans
 * of the trace that are held.
 * @throws ObsvtyError invalid-argument that names `limit` or `after`
 */
export async function searchTraces(
  dependencies: ReadDependencies,
  query: SearchQuery<SpanFilter>,
): Promise<SearchResult<TraceSummary>> {
  const plan = planOf("spans", query.filter);
  const { items, cursor, missed } = await search(dependencies, plan, query, ({ traceId }) => traceId);
  const builders = new Map(items.map(({ traceId, ordinal }) => [traceId, new SummaryBuilder(ordinal)]));
  const { store } = dependencies;
  if (builders.size > 0) {
    const { first, next } = store.range("traces");
    const { abort } = query;
    await walk(
      dependencies,
      { signal: "traces", from: first, to: next, order: "oldest", abort },
      (encoded) => {
        builders.get(traceIdOf(encoded.item))?.add(decodeSpan(encoded));
        return true;
      },
    );
  }
  // A trace may have been evicted since it was found.
  const summaries = Array.from(builders, ([traceId, builder]) => builder.summary(traceId));
  return { items: summaries.filter(({ spanCount }) => spanCount > 0), cursor, missed };
}

class SummaryBuilder {
  readonly #ordinal: number;
  readonly #services = new Set<string>();
  #root: { readonly name: string; readonly startUnixNano: bigint } | undefined;
  #spanCount = 0;
  #errorCount = 0;
  #startUnixNano = 0n;
  #endUnixNano = 0n;

  constructor(ordinal: number) {
    this.#ordinal = ordinal;
  }

  add({ name, parentSpanId, service, status, startUnixNano, endUnixNano }: Span): void {
    this.#spanCount += 1;
    if (status.code === statusCodeError) {
      this.#errorCount += 1;
    }
    if (service !== "") {
      this.#services.add(service);
    }
    if (parentSpanId === "" && (this.#root === undefined || startUnixNano < this.#root.startUnixNano)) {
      this.#root = { name, startUnixNano };
    }
    // 0 is OTLP's way to say that the time is not known.
    if (startUnixNano !== 0n && (this.#startUnixNano === 0n || startUnixNano < this.#startUnixNano)) {
      this.#startUnixNano = startUnixNano;
    }
    if (endUnixNano > this.#endUnixNano) {
      this.#endUnixNano = endUnixNano;
    }
  }

  summary(traceId: string): TraceSummary {
    return {
      traceId,
      ordinal: this.#ordinal,
      rootName: this.#root?.name ?? "",
      services: [...this.#services].sort(),
      spanCount: this.#spanCount,
      errorCount: this.#errorCount,
      startUnixNano: this.#startUnixNano,
      endUnixNano: this.#endUnixNano,
    };
  }
}
