import { isCalleeKind, isCallerKind } from "./span-kind.ts";

/** The fields of a span that tell which span is its parent. */
export interface RelatedSpan {
  readonly spanId: string;
  /** "" for a root. */
  readonly parentSpanId: string;
  readonly service: string;
  /** OTLP's SpanKind. */
  readonly kind: number;
}

/**
 * Finds the parents of spans among the spans of one trace that were added. Several spans may have one id: an exporter
 * that retries sends a span twice, of which the first has the children; and with Zipkin's B3 propagation both sides of
 * a call may share one id (https://github.com/openzipkin/b3-propagation).
 */
export class SpanParents<Node extends { readonly span: RelatedSpan }> {
  /** The first span of each id. */
  readonly #first = new Map<string, Node>();
  /** The spans of each id that several have. */
  readonly #several = new Map<string, SpansOfId<Node>>();

  add(node: Node): void {
    const { spanId } = node.span;
    const first = this.#first.get(spanId);
    if (first === undefined) {
      this.#first.set(spanId, node);
      return;
    }
    let spans = this.#several.get(spanId);
    if (spans === undefined) {
      spans = new SpansOfId(first);
      this.#several.set(spanId, spans);
    }
    spans.add(node);
  }

  /**
   * Of a server span the client span with the same id. Else the span whose id it names; of several that have this id,
   * the one of its own service, else the client span.
   */
  of({ span }: Node): Node | undefined {
    const { spanId, parentSpanId, service, kind } = span;
    const caller = isCalleeKind(kind) ? this.#several.get(spanId)?.client : undefined;
    if (caller !== undefined) return caller;
    if (parentSpanId === "") return undefined;
    return this.#several.get(parentSpanId)?.of(service) ?? this.#first.get(parentSpanId);
  }
}

class SpansOfId<Node extends { readonly span: RelatedSpan }> {
  client: Node | undefined;
  /** The first server span of each service, else its first span. */
  readonly #byService = new Map<string, Node>();

  constructor(first: Node) {
    this.add(first);
  }

  add(node: Node): void {
    const { service, kind } = node.span;
    if (isCallerKind(kind)) this.client ??= node;
    const own = this.#byService.get(service);
    if (own === undefined || (isCalleeKind(kind) && !isCalleeKind(own.span.kind))) {
      this.#byService.set(service, node);
    }
  }

  of(service: string): Node | undefined {
    return this.#byService.get(service) ?? this.client;
  }
}
