import type { Span as DecodedSpan } from "../domain/telemetry.ts";
import type { Condition } from "../use-cases/filter/filter-field.ts";
import { planOf } from "../use-cases/filter/item-plan.ts";
import type { SpanFilter } from "./filters.ts";
import { bounded, shortly } from "./internal/failure-text.ts";
import { decodedItem, shownBefore } from "./internal/item-json.ts";
import { missedValues } from "./internal/missed-value.ts";
import { parseFilter } from "./internal/parse-filter.ts";
import type { Trace, TraceNode } from "./trace.ts";

/**
 * What a span and those below it must look like: the fields of a filter of spans, and its children.
 * @example
 * { name: "POST /checkout", kind: "server", children: [{ name: "charge card", statusCode: "error" }] }
 */
export interface TraceShape extends SpanFilter {
  /** Exactly these, in any order. Absent: any children, or none. */
  readonly children?: readonly TraceShape[] | undefined;
}

interface Shape {
  readonly filter: SpanFilter;
  readonly conditions: readonly Condition<DecodedSpan>[];
  readonly children: readonly Shape[] | undefined;
}

/**
 * How a trace, or a part of it, differs from a shape; undefined when it does not.
 * @throws TypeError when the shape makes no sense
 */
export function shapeDifference(given: Trace | TraceNode, wanted: TraceShape): string | undefined {
  const shape = parsed(wanted);
  const fit = new ShapeFit();
  const isTrace = "roots" in given;
  const differences = isTrace
    ? fit.ofChildren(given.roots, [shape], "the trace", "root")
    : fit.fits(given, shape)
      ? []
      : fit.ofNode(given, shape, labelOfNode(given));
  if (differences.length === 0) return undefined;
  const tree = isTrace
    ? [
        `the trace:`,
        ...given
          .toString()
          .split("\n")
          .map((line) => `  ${line}`),
      ]
    : [];
  return bounded(["the trace has another shape:", ...differences.map((line) => `  ${line}`), ...tree]);
}

function parsed({ children, ...filter }: TraceShape): Shape {
  const { filter: domain, also } = parseFilter("spans", filter, shownBefore);
  return { filter, conditions: planOf("spans", domain, also).conditions, children: children?.map(parsed) };
}

/** Compares nodes with shapes. Siblings stand in any order, so they are paired so that as many as can be fit. */
class ShapeFit {
  readonly #known = new Map<TraceNode, Map<Shape, boolean>>();

  fits(node: TraceNode, shape: Shape): boolean {
    const known = this.#known.get(node) ?? new Map<Shape, boolean>();
    this.#known.set(node, known);
    const before = known.get(shape);
    if (before !== undefined) return before;
    const { children } = shape;
    const fits =
      failedOn(node, shape).length === 0 &&
      (children === undefined ||
        (children.length === node.children.length &&
          this.#pairs(node.children, children).size === children.length));
    known.set(shape, fits);
    return fits;
  }

  /** The differences between a node and the shape that it should have. */
  ofNode(node: TraceNode, shape: Shape, path: string): string[] {
    const failed = failedOn(node, shape);
    const own = missedValues(failed, shape.filter, node.span).map((text) => `${path}: ${text}`);
    return shape.children === undefined
      ? own
      : [...own, ...this.ofChildren(node.children, shape.children, path, "child")];
  }

  ofChildren(nodes: readonly TraceNode[], shapes: readonly Shape[], path: string, what: string): string[] {
    const pairs = this.#pairs(nodes, shapes);
    const paired = new Set(pairs.values());
    const missing = shapes.filter((shape) => !pairs.has(shape));
    const extra = new Set(nodes.filter((node) => !paired.has(node)));
    return [
      ...missing.flatMap((shape) => {
        const near = nearestAmong(extra, shape);
        if (near === undefined) return [`${path}: no ${what} ${labelOf(shape)}`];
        extra.delete(near);
        return this.ofNode(near, shape, `${path} > ${labelOfNode(near)}`);
      }),
      ...Array.from(extra, (node) => `${path}: a ${what} too much, ${labelOfNode(node)}`),
    ];
  }

  /** As many pairs as there can be, by augmenting paths (Kuhn). */
  #pairs(nodes: readonly TraceNode[], shapes: readonly Shape[]): Map<Shape, TraceNode> {
    const shapeOfNode = new Map<TraceNode, Shape>();
    const pair = (shape: Shape, tried: Set<TraceNode>): boolean => {
      for (const node of nodes) {
        if (tried.has(node) || !this.fits(node, shape)) continue;
        tried.add(node);
        const other = shapeOfNode.get(node);
        if (other !== undefined && !pair(other, tried)) continue;
        shapeOfNode.set(node, shape);
        return true;
      }
      return false;
    };
    for (const shape of shapes) pair(shape, new Set());
    return new Map(Array.from(shapeOfNode, ([node, shape]) => [shape, node]));
  }
}

/** The node that a shape most likely means: with its name, and the fewest differences of its own. */
function nearestAmong(nodes: ReadonlySet<TraceNode>, shape: Shape): TraceNode | undefined {
  const misses = Array.from(nodes, (node) => ({ node, failed: failedOn(node, shape) }));
  const named = misses.filter(({ failed }) => failed.every(({ name }) => name !== "name"));
  return named.toSorted((a, b) => a.failed.length - b.failed.length)[0]?.node;
}

function failedOn({ span }: TraceNode, { conditions }: Shape): readonly Condition<DecodedSpan>[] {
  const item = decodedItem("spans", span);
  if (item === undefined) throw new TypeError("the span of the node was not made by a receiver");
  return conditions.filter(({ isMet }) => !isMet(item));
}

function labelOfNode({ span }: TraceNode): string {
  return JSON.stringify(span.name);
}

function labelOf({ filter: { name, ...rest } }: Shape): string {
  if (name === undefined) return shortly(rest);
  const label = typeof name === "string" ? JSON.stringify(name) : String(name);
  return Object.keys(rest).length === 0 ? label : `${label} ${shortly(rest)}`;
}
