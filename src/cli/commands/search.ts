import { TraceSummarySchema } from "../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../command-context.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
import { logFilter, metricFilter, spanFilter } from "../filters.ts";
import { countFlag } from "../number-flag.ts";
import { printItems } from "../output/items.ts";
import type { Output } from "../output/output.ts";
import { counted, summaryLine } from "../output/summary-line.ts";

/** Prints what is held and matches, the newest last. */
export async function search(
  what: ItemKind | "traces",
  flags: FlagValues,
  { client, output, signal }: CommandContext,
): Promise<number> {
  const nowMs = Date.now();
  const limit = countFlag("limit", flags.limit as string | undefined) ?? 0;
  const page = { limit, after: (flags.after as string | undefined) ?? "" };
  switch (what) {
    case "spans": {
      const filter = spanFilter(flags, nowMs);
      const answer = await client.searchSpans({ filter, ...page }, { signal });
      await printItems({ spans: answer.spans }, output);
      sayWhere(answer, answer.spans.length, output);
      break;
    }
    case "traces": {
      const filter = spanFilter(flags, nowMs);
      const answer = await client.searchTraces({ filter, ...page }, { signal });
      if (output.isText) {
        await output.lines(answer.traces.map((trace) => summaryLine(trace, output.view)));
      } else {
        await output.json(TraceSummarySchema, answer.traces);
      }
      sayWhere(answer, answer.traces.length, output);
      break;
    }
    case "logs": {
      const filter = logFilter(flags, nowMs);
      const answer = await client.searchLogs({ filter, ...page }, { signal });
      await printItems({ logs: answer.logs }, output);
      sayWhere(answer, answer.logs.length, output);
      break;
    }
    case "metrics": {
      const filter = metricFilter(flags, nowMs);
      const latest = flags.latest === true;
      const answer = await client.searchMetrics({ filter, latest, ...page }, { signal });
      await printItems({ metrics: answer.metrics }, output);
      sayWhere(answer, answer.metrics.length, output);
      break;
    }
  }
  return 0;
}

/** For people: that nothing matched, and how to go on. In JSON each item has its cursor. */
function sayWhere(
  { cursor, missed }: { readonly cursor: string; readonly missed: bigint },
  found: number,
  output: Output,
): void {
  if (missed > 0n) {
    output.say(`${counted(missed, "item")} gone since that cursor (missed)`);
  }
  if (output.isText) {
    output.say(`${found === 0 ? "nothing matched" : `${found} found`}; what comes next: --after ${cursor}`);
  }
}
