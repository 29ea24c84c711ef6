import type { SpanCore } from "../../../otlp/decode/span-core.ts";

/** A span in the tree of its trace. Times are nanoseconds since the start of the trace. */
export interface OutlineNode {
  readonly span: SpanCore;
  /** Of a span of which a time is not known, both are the other one, or 0. */
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  /** Time in which none of its children ran. */
  readonly self: number;
  /** Time for which the trace waited for this span itself. */
  readonly critical: number;
}
