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
