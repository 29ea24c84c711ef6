import type { SpanCore } from "../../../otlp/decode/span-core.ts";

/** Nanoseconds since the start of the trace, or for which something took. */
interface NodeTimes<Nanos> {
  /** Of a span of which a time is not known, both are the other one, or 0. */
  readonly start: Nanos;
  readonly end: Nanos;
  /** Time in which none of its children ran. */
  readonly self: Nanos;
  /** Time for which the trace waited for this span itself. */
  readonly critical: Nanos;
}

/** A span in the tree of its trace. In a trace of more than 2^53 ns times are bigints, so that they are exact. */
export type OutlineNode = {
  readonly span: SpanCore;
  readonly depth: number;
} & (({ readonly isLong: false } & NodeTimes<number>) | ({ readonly isLong: true } & NodeTimes<bigint>));
