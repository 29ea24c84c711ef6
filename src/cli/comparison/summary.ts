import type { Signal } from "../../domain/signal.ts";
import { RecentMap } from "./recent-map.ts";
import { Samples } from "./samples.ts";

/** Spans of one service, name and kind. */
export interface Operation {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  errors: number;
  /** Spans, those without a duration included. */
  count: number;
  readonly nanos: Samples;
}

/** A metric, by all that tells it from another one. */
export interface Metric {
  readonly service: string;
  readonly name: string;
  readonly type: string;
  readonly unit: string;
}

/** A span as a summary needs it. */
export interface SummarizedSpan extends Pick<Operation, "service" | "name" | "kind"> {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root span. */
  readonly parentId: string;
  readonly failed: boolean;
  /** Undefined when the start or the end is not known. */
  readonly nanos: number | undefined;
}

export interface SummaryBounds {
  /** Operations, edges, metrics, and pairs of service and severity: each of them. @default 10,000 */
  readonly keys: number;
  /** Spans whose children may follow, and spans whose parent may follow. @default 200,000 */
  readonly spans: number;
}

/**
 * What stands in a file, in bounded memory: what does not fit is left out and counted. A parent is found among the
 * last spans before and after its child, because the spans of a trace are written when they end, service by service.
 */
export class Summary {
  readonly operations = new Map<string, Operation>();
  /** How often an operation is the parent of another: keys of both. Of a root span the parent is "". */
  readonly edges = new Map<string, { readonly parent: string; readonly child: string; count: number }>();
  /** Log records by service and severity. */
  readonly logs = new Map<string, { readonly service: string; readonly severity: string; count: number }>();
  readonly metrics = new Map<string, Metric>();
  /** Items that are not looked at, because there are too many operations or the like. */
  leftOut = 0;
  /** Spans whose parent is not in the file, or too far from its child. */
  orphans = 0;
  readonly #bounds: SummaryBounds;
  /** The operations of the last spans, by the ids of the spans. */
  readonly #known: RecentMap<string>;
  /** How many spans of each operation wait for a parent that has not been seen yet, by its ids. */
  readonly #waiting: RecentMap<Map<string, number>>;
  /** Entries of all the maps in it. */
  #waitingEntries = 0;

  constructor(bounds: SummaryBounds = { keys: 10_000, spans: 200_000 }) {
    this.#bounds = bounds;
    this.#known = new RecentMap(bounds.spans);
    this.#waiting = new RecentMap(bounds.spans, (children) => {
      for (const count of children.values()) this.orphans += count;
      this.#waitingEntries -= children.size;
    });
  }

  get isEmpty(): boolean {
    return this.operations.size === 0 && this.logs.size === 0 && this.metrics.size === 0;
  }

  addSpan(span: SummarizedSpan): void {
    const { service, name, kind, failed, nanos, traceId, spanId, parentId } = span;
    const key = keyOf(service, name, kind);
    const operation = this.#entry(this.operations, key, () => ({
      service,
      name,
      kind,
      errors: 0,
      count: 0,
      nanos: new Samples(),
    }));
    if (operation === undefined) return;
    operation.count += 1;
    if (failed) operation.errors += 1;
    if (nanos !== undefined) operation.nanos.add(nanos);
    this.#know(`${traceId}${spanId}`, key);
    if (parentId === "") this.#addEdge("", key);
    else this.#findParent(`${traceId}${parentId}`, key);
  }

  addLog(service: string, severity: string): void {
    const entry = this.#entry(this.logs, keyOf(service, severity), () => ({ service, severity, count: 0 }));
    if (entry !== undefined) entry.count += 1;
  }

  addMetric(metric: Metric): void {
    const { service, name, type, unit } = metric;
    this.#entry(this.metrics, keyOf(service, name, type, unit), () => metric);
  }

  /** To be called after the last item. */
  finish(): void {
    this.#waiting.clear();
    this.#known.clear();
  }

  #know(id: string, key: string): void {
    this.#known.set(id, key);
    const children = this.#waiting.get(id);
    if (children === undefined) return;
    for (const [child, count] of children) this.#addEdge(key, child, count);
    this.#waiting.delete(id);
    this.#waitingEntries -= children.size;
  }

  #findParent(id: string, key: string): void {
    const parent = this.#known.get(id);
    if (parent !== undefined) {
      this.#addEdge(parent, key);
      return;
    }
    const others = this.#waiting.get(id);
    if (others?.has(key) !== true) this.#waitingEntries += 1;
    if (others === undefined) this.#waiting.set(id, new Map([[key, 1]]));
    else others.set(key, (others.get(key) ?? 0) + 1);
    if (this.#waitingEntries > this.#bounds.spans) this.#waiting.clear();
  }

  #addEdge(parent: string, child: string, count = 1): void {
    const edge = this.#entry(this.edges, keyOf(parent, child), () => ({ parent, child, count: 0 }));
    if (edge !== undefined) edge.count += count;
  }

  #entry<Entry>(entries: Map<string, Entry>, key: string, make: () => Entry): Entry | undefined {
    let entry = entries.get(key);
    if (entry === undefined && entries.size < this.#bounds.keys) {
      entry = make();
      entries.set(key, entry);
    }
    if (entry === undefined) this.leftOut += 1;
    return entry;
  }
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/** The signals that a summary has something of. */
export const summarizedSignals = ["traces", "logs", "metrics"] as const satisfies readonly Signal[];
