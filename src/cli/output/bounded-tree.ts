import type { Span } from "../../../gen/obsvty/v1/query_pb.ts";
import type { View } from "./line.ts";
import { figure } from "./table.ts";
import { traceTree } from "./trace-tree.ts";

/** Lines of one trace, where many are shown. */
const maxTreeLines = 60;

/** The beginning of a trace's tree, and how many lines of it are left out. */
export function boundedTree(spans: readonly Span[], view: View): string[] {
  const lines = traceTree(spans, view);
  const left = lines.length - maxTreeLines;
  return left <= 1
    ? lines
    : [...lines.slice(0, maxTreeLines), `… ${figure(left)} more lines of this trace are not shown`];
}
