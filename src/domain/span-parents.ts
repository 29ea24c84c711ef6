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

/** Spans of one trace, found by their ids. */
export interface SpansById<Node> {
  service(node: Node): string;
  kind(node: Node): number;
  /** Adds a span, unless one with its id was added before: this is returned. */
  add(node: Node): Node | undefined;
  /** The span with the id of this one that was added first. */
  withIdOf(node: Node): Node | undefined;
  /** The span that was added first of those with the id that this one names as its parent's; undefined for a root. */
  withParentIdOf(node: Node): Node | undefined;
}

/** Those whose ids are texts. */
export class SpanNodes<Node extends { readonly span: RelatedSpan }> implements SpansById<Node> {
  readonly #nodes = new Map<string, Node>();

  service({ span }: Node): string {
    return span.service;
  }

  kind({ span }: Node): number {
    return span.kind;
  }

  add(node: Node): Node | undefined {
    const first = this.#nodes.get(node.span.spanId);
    if (first === undefined) this.#nodes.set(node.span.spanId, node);
    return first;
  }

  withIdOf({ span }: Node): Node | undefined {
    return this.#nodes.get(span.spanId);
  }

  withParentIdOf({ span }: Node): Node | undefined {
    return span.parentSpanId === "" ? undefined : this.#nodes.get(span.parentSpanId);
  }
}

/**
 * Finds the parents of spans among the spans of one trace that were added. Several spans may have one id: an exporter
 * that retries sends a span twice, of which the first has the children; and with Zipkin's B3 propagation both sides of
 * a call may share one id (https://github.com/openzipkin/b3-propagation).
 */
export class SpanParents<Node> {
  readonly #spans: SpansById<Node>;
  /** The spans of each id that several have, by the first of them. */
  readonly #several = new Map<Node, SpansOfId<Node>>();

  /** @param spans none yet */
  constructor(spans: SpansById<Node>) {
    this.#spans = spans;
  }

  add(node: Node): void {
    const first = this.#spans.add(node);
    if (first === undefined) return;
    let spans = this.#several.get(first);
    if (spans === undefined) {
      spans = new SpansOfId(this.#spans, first);
      this.#several.set(first, spans);
    }
    spans.add(node);
  }

  /**
   * Of a server span the client span with the same id. Else the span whose id it names; of several that have this id,
   * the one of its own service, else the client span.
   */
  of(node: Node): Node | undefined {
    const caller =
      this.#several.size > 0 && isCalleeKind(this.#spans.kind(node))
        ? this.#severalWith(this.#spans.withIdOf(node))?.client
        : undefined;
    if (caller !== undefined) return caller;
    const parent = this.#spans.withParentIdOf(node);
    return this.#severalWith(parent)?.of(this.#spans.service(node)) ?? parent;
  }

  #severalWith(first: Node | undefined): SpansOfId<Node> | undefined {
    return first === undefined || this.#several.size === 0 ? undefined : this.#several.get(first);
  }
}

class SpansOfId<Node> {
  readonly #spans: SpansById<Node>;
  client: Node | undefined;
  /** The first server span of each service, else its first span. */
  readonly #byService = new Map<string, Node>();

  constructor(spans: SpansById<Node>, first: Node) {
    this.#spans = spans;
    this.add(first);
  }

  add(node: Node): void {
    const kind = this.#spans.kind(node);
    const service = this.#spans.service(node);
    if (isCallerKind(kind)) this.client ??= node;
    const own = this.#byService.get(service);
    if (own === undefined || (isCalleeKind(kind) && !isCalleeKind(this.#spans.kind(own)))) {
      this.#byService.set(service, node);
    }
  }

  of(service: string): Node | undefined {
    return this.#byService.get(service) ?? this.client;
  }
}
