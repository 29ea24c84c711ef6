import type { GetTraceOutlineResponseJson, SpanJson } from "../../../../gen/obsvty/v1/query_pb.ts";

/*
 * The spans of a trace, each before those below it. Times are nanoseconds since the start of the trace: a number holds
 * those of 104 days exactly, which a time since the epoch would not be.
 */

export interface SpanNode {
  readonly id: string;
  /** Names it in the address, also after others have come: its id, and behind it which one it is of several of this id. */
  readonly key: string;
  readonly depth: number;
  readonly name: string;
  readonly service: string;
  readonly kind: string;
  readonly failed: boolean;
  /** It names a parent that is not held. */
  readonly orphan: boolean;
  /** It names as its parent itself or a span below it, and stands at the top. */
  readonly circular: boolean;
  /** Of the span above it; -1 at the top. */
  readonly parent: number;
  /** The index just after the last span below it. */
  readonly end: number;
  readonly startNs: number | undefined;
  readonly durationNs: number | undefined;
  readonly selfNs: number;
  readonly criticalNs: number;
}

export function spanNodes({ spans = [] }: GetTraceOutlineResponseJson): readonly SpanNode[] {
  const nodes: (SpanNode & { end: number })[] = [];
  const open: number[] = [];
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const counts = new Map<string, number>();
  const close = (depth: number) => {
    while (open.length > depth) {
      const closed = nodes[open.pop() as number];
      if (closed !== undefined) closed.end = nodes.length;
    }
  };
  for (const span of spans) {
    const depth = span.depth ?? 0;
    close(depth);
    const { spanId: id = "" } = span;
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    const isBelowNone = depth === 0 && (span.parentSpanId ?? "") !== "";
    nodes.push({
      id,
      key: count === 1 ? id : `${id}.${count}`,
      depth,
      name: span.name ?? "",
      service: span.service ?? "",
      kind: kindOf(span.kind),
      failed: span.failed ?? false,
      orphan: isBelowNone && !ids.has(span.parentSpanId),
      circular: isBelowNone && ids.has(span.parentSpanId),
      parent: open.at(-1) ?? -1,
      end: 0,
      startNs: numberOf(span.start),
      durationNs: numberOf(span.duration),
      selfNs: numberOf(span.self) ?? 0,
      criticalNs: numberOf(span.critical) ?? 0,
    });
    open.push(nodes.length - 1);
  }
  close(0);
  return nodes;
}

/** A kind of span as a person reads it. */
function kindOf(kind: string | number | undefined): string {
  return String(kind ?? "")
    .replace("SPAN_KIND_", "")
    .toLowerCase();
}

/**
 * What is told of a node, among spans that have been read. Of several with its id the one of its service and kind: both
 * sides of a call share an id with Zipkin's B3 propagation.
 */
export function spanOfNode(
  { id, service, kind }: SpanNode,
  spans: readonly SpanJson[],
): SpanJson | undefined {
  const same = spans.filter(({ spanId }) => spanId === id);
  return same.find((span) => (span.service ?? "") === service && kindOf(span.kind) === kind) ?? same[0];
}

/** Below as many seconds the nearest double is less than half a nanosecond off. */
const roundedBelow = 1e6;

/**
 * Nanoseconds of a duration as the API writes it, such as `-0.001500s`. A large trace has hundreds of thousands of
 * durations, and bigints would take several times as long.
 */
function numberOf(seconds: string | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  const value = Number.parseFloat(seconds);
  if (Math.abs(value) < roundedBelow) return Math.round(value * 1e9);
  const [whole = "", fraction = ""] = seconds.slice(0, -1).split(".");
  const nanos = Math.abs(Number(whole)) * 1e9 + Number(fraction.padEnd(9, "0"));
  return whole.startsWith("-") ? -nanos : nanos;
}

/** The indices of the spans right below one. */
export function childrenOf(nodes: readonly SpanNode[], node: number): readonly number[] {
  const children: number[] = [];
  const end = nodes[node]?.end ?? 0;
  for (let child = node + 1; child < end; child = nodes[child]?.end ?? end) children.push(child);
  return children;
}

/** By how much a span ends after the one above it. 0 where it does not, or where a time is not known. */
export function overrunOf(nodes: readonly SpanNode[], { parent, startNs, durationNs }: SpanNode): number {
  const above = nodes[parent];
  if (above?.startNs === undefined || above.durationNs === undefined) return 0;
  if (startNs === undefined || durationNs === undefined) return 0;
  return Math.max(0, startNs + durationNs - (above.startNs + above.durationNs));
}

/** The indices of the spans above one, the nearest first. */
export function ancestors(nodes: readonly SpanNode[], node: number): readonly number[] {
  const above: number[] = [];
  for (let i = nodes[node]?.parent ?? -1; i >= 0; i = nodes[i]?.parent ?? -1) above.push(i);
  return above;
}

/**
 * The next index after `from` for which something holds, beginning again at the other end; -1 when there is none.
 * @param step 1 for the next, -1 for the one before
 */
export function nextIndex(
  count: number,
  from: number,
  step: 1 | -1,
  holds: (index: number) => boolean,
): number {
  for (let i = 1; i <= count; i++) {
    const index = (((from + i * step) % count) + count) % count;
    if (holds(index)) return index;
  }
  return -1;
}

/**
 * The indices of the spans that have a text in their name, service or id, or in what else is known of them, in any case.
 * @param moreOf what else is known of a span, in lower case
 * @param ids of spans that are known to have it
 */
export function spansWith(
  nodes: readonly SpanNode[],
  text: string,
  moreOf: (index: number) => string | undefined,
  ids: ReadonlySet<string>,
): readonly number[] {
  const wanted = text.toLowerCase();
  // A large trace has few names, and is searched at each letter.
  const known = new Map<string, boolean>();
  const has = (field: string) => {
    const before = known.get(field);
    if (before !== undefined) return before;
    const found = field.toLowerCase().includes(wanted);
    known.set(field, found);
    return found;
  };
  const found: number[] = [];
  for (const [index, { name, service, id }] of nodes.entries()) {
    if (ids.has(id) || has(name) || has(service) || id.includes(wanted) || moreOf(index)?.includes(wanted)) {
      found.push(index);
    }
  }
  return found;
}

/**
 * By how much a span starts before the one above it where that is of another service: their clocks differ by so much at
 * least. 0 where nothing is wrong.
 */
export function skewOf(nodes: readonly SpanNode[], node: SpanNode): number {
  const parent = nodes[node.parent];
  if (parent?.startNs === undefined || node.startNs === undefined || parent.service === node.service)
    return 0;
  return Math.max(0, parent.startNs - node.startNs);
}
