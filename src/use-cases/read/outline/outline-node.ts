import type { SpanCore } from "../../../otlp/decode/span-core.ts";

/** A span in the tree of its trace. Times are nanoseconds since the start of the trace. */
export interface OutlineNode {
  readonly span: SpanCore;
  readonly hasNoStart: boolean;
  /** Of a span of which a time is not known, both are the other one, or 0. */
  readonly start: number;
  readonly end: number;
  parent: OutlineNode | undefined;
  /** By start. */
  children: OutlineNode[];
  /** The same, those that ended last first. */
  byEnd: OutlineNode[];
  depth: number;
  /** The position in the tree, depth first; -1 until it has one. */
  position: number;
  /** Time in which none of its children ran. */
  self: number;
  /** Time for which the trace waited for this span itself. */
  critical: number;
}

/** Most spans have no children, and share this. */
export const noNodes: OutlineNode[] = [];

/** OTLP's SPAN_KIND_*. */
const server = 2;
const client = 3;
const producer = 4;
const consumer = 5;

/** Finds the parents of spans among those that were added. */
export class Parents {
  /** The first span of each id. */
  readonly #first = new Map<string, OutlineNode>();
  /** All spans of an id that several have: an exporter that retries sends a span twice, and both sides of a call may share an id. */
  readonly #several = new Map<string, SpansOfId>();

  add(node: OutlineNode): void {
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

  /** The client span of the same id for a server span, else the span that it names: of its own service, if there are several. */
  of(node: OutlineNode): OutlineNode | undefined {
    const { spanId, parentSpanId, service } = node.span;
    const caller = isServer(node) ? this.#several.get(spanId)?.client : undefined;
    if (caller !== undefined && caller !== node) return caller;
    if (parentSpanId === "") return undefined;
    return this.#several.get(parentSpanId)?.of(service) ?? this.#first.get(parentSpanId);
  }
}

class SpansOfId {
  client: OutlineNode | undefined;
  readonly #byService = new Map<string, OutlineNode>();

  constructor(first: OutlineNode) {
    this.add(first);
  }

  add(node: OutlineNode): void {
    const { service, kind } = node.span;
    if (kind === client || kind === producer) this.client ??= node;
    const own = this.#byService.get(service);
    if (own === undefined || (isServer(node) && !isServer(own))) this.#byService.set(service, node);
  }

  /** The span of the service, else the client's. */
  of(service: string): OutlineNode | undefined {
    return this.#byService.get(service) ?? this.client;
  }
}

function isServer({ span }: OutlineNode): boolean {
  return span.kind === server || span.kind === consumer;
}
