import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import type * as pb from "../../gen/obsvty/v1/query_pb.ts";
import { SpanSchema } from "../../gen/obsvty/v1/query_pb.ts";
import { looksComplete, type TraceNode as ShapeNode, shapeOf } from "../cli/output/trace-shape.ts";
import { traceTree } from "../cli/output/trace-tree.ts";
import { plainView } from "./internal/failure-text.ts";
import type { Span } from "./items.ts";

/** Which span of a trace: its name, a pattern of it, or anything that must hold of it. */
export type FindSpan = string | RegExp | ((node: TraceNode) => boolean);

/** A span in the tree of its trace. */
export interface TraceNode {
  readonly span: Span;
  /** Undefined for a root, and for a span whose parent is not held. */
  readonly parent: TraceNode | undefined;
  /** By their start. */
  readonly children: readonly TraceNode[];
  /**
   * The first span that fits, of this one and those below it, depth first.
   * @example
   * node.find("SELECT")?.parent?.span.name
   */
  find(which: FindSpan): TraceNode | undefined;
}

/**
 * The spans held of one trace, as a tree.
 * @example
 * const trace = await receiver.waitForTrace({ name: "POST /checkout" });
 * trace.root.children.map(({ span }) => span.name);
 * console.log(String(trace));
 */
export interface Trace {
  readonly traceId: string;
  /** All of them, in order of arrival. */
  readonly spans: readonly Span[];
  /** The spans without a parent first, then those whose parent is not held. */
  readonly roots: readonly TraceNode[];
  /** The first of the roots. */
  readonly root: TraceNode;
  /** Whether a root and the parent of each span are held. More spans may arrive all the same. */
  readonly isComplete: boolean;
  /** The first span that fits, depth first. */
  find(which: FindSpan): TraceNode | undefined;
  /** The tree as text, with durations. */
  toString(): string;
}

/** @param spans of one trace, at least one */
export function createTrace(traceId: string, spans: readonly Span[]): Trace {
  const shown = new Map(
    spans.map((span): [pb.Span, Span] => [fromJson(SpanSchema, span as unknown as JsonValue), span]),
  );
  const messages = [...shown.keys()];
  const roots = nodesOf(shapeOf(messages), shown);
  const [root] = roots;
  if (root === undefined) throw new Error("a trace has spans");
  return {
    traceId,
    spans,
    roots,
    root,
    isComplete: looksComplete(messages),
    find: (which) => findAmong(roots, which),
    toString: () => traceTree(messages, plainView()).join("\n"),
  };
}

class Node implements TraceNode {
  readonly span: Span;
  readonly children: Node[] = [];
  // Printed with its parent, a node would print the whole tree again.
  readonly #parent: Node | undefined;

  constructor(span: Span, parent: Node | undefined) {
    this.span = span;
    this.#parent = parent;
  }

  get parent(): TraceNode | undefined {
    return this.#parent;
  }

  find(which: FindSpan): TraceNode | undefined {
    return findAmong([this], which);
  }
}

/** Without recursion: a trace may be thousands deep. */
function nodesOf(top: readonly ShapeNode[], shown: ReadonlyMap<pb.Span, Span>): Node[] {
  const roots: Node[] = [];
  const open = top.map((shape) => ({ shape, parent: undefined as Node | undefined })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { shape, parent } = next;
    const span = shape.span && shown.get(shape.span);
    // The node of a parent that is not held has no span: its children are roots, as far as anybody knows.
    const node = span && new Node(span, parent);
    if (node !== undefined) (parent?.children ?? roots).push(node);
    open.push(...shape.children.map((child) => ({ shape: child, parent: node })).reverse());
  }
  return roots;
}

function findAmong(roots: readonly TraceNode[], which: FindSpan): TraceNode | undefined {
  const open = roots.toReversed();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (fits(node, which)) return node;
    open.push(...node.children.toReversed());
  }
  return undefined;
}

function fits(node: TraceNode, which: FindSpan): boolean {
  if (typeof which === "function") return which(node);
  return typeof which === "string" ? node.span.name === which : node.span.name.search(which) !== -1;
}
