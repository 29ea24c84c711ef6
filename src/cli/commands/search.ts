import { TraceSummarySchema } from "../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../command-context.ts";
import { cursorFlag } from "../cursor-flag.ts";
import { answerMs, within } from "../deadline.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
import { logFilter, metricFilter, spanFilter } from "../filters.ts";
import { countFlag } from "../number-flag.ts";
import { printItems } from "../output/items.ts";
import type { Output } from "../output/output.ts";
import { counted, summaryLine } from "../output/summary-line.ts";

/** The API's own. */
const defaultLimit = 100;

/** Prints what is held and matches, the newest last. */
export async function search(
  what: ItemKind | "traces",
  flags: FlagValues,
  context: CommandContext,
): Promise<number> {
  const { client, output } = context;
  const nowMs = Date.now();
  const limit = countFlag("limit", flags.limit as string | undefined) ?? defaultLimit;
  const page = { limit, after: cursorFlag(flags) };
  const say = (answer: { readonly cursor: string; readonly missed: bigint }, found: number) =>
    sayWhere(answer, found, page, output);
  switch (what) {
    case "spans": {
      const filter = spanFilter(flags, nowMs);
      const answer = await within(answerMs, context, (signal) =>
        client.searchSpans({ filter, ...page }, { signal }),
      );
      await printItems({ spans: answer.spans }, output);
      say(answer, answer.spans.length);
      break;
    }
    case "traces": {
      const filter = spanFilter(flags, nowMs);
      const answer = await within(answerMs, context, (signal) =>
        client.searchTraces({ filter, ...page }, { signal }),
      );
      if (output.isText) {
        await output.lines(answer.traces.map((trace) => summaryLine(trace, output.view)));
      } else {
        await output.json(TraceSummarySchema, answer.traces);
      }
      say(answer, answer.traces.length);
      break;
    }
    case "logs": {
      const filter = logFilter(flags, nowMs);
      const answer = await within(answerMs, context, (signal) =>
        client.searchLogs({ filter, ...page }, { signal }),
      );
      await printItems({ logs: answer.logs }, output);
      say(answer, answer.logs.length);
      break;
    }
    case "metrics": {
      const filter = metricFilter(flags, nowMs);
      const latest = flags.latest === true;
      const answer = await within(answerMs, context, (signal) =>
        client.searchMetrics({ filter, latest, ...page }, { signal }),
      );
      await printItems({ metrics: answer.metrics }, output);
      say(answer, answer.metrics.length);
      break;
    }
  }
  return 0;
}

/** For people: that nothing matched, and how to go on. In JSON each item has its cursor. */
function sayWhere(
  { cursor, missed }: { readonly cursor: string; readonly missed: bigint },
  found: number,
  { limit, after }: { readonly limit: number; readonly after: string },
  output: Output,
): void {
  if (missed > 0n) {
    output.say(`${counted(missed, "item")} gone since that cursor (missed)`);
  }
  if (output.isText) {
    const which = after === "" ? "the newest" : "the oldest";
    const said =
      found === 0 ? "nothing matched" : found < limit ? `${found} found` : `${which} ${found} (--limit)`;
    output.say(`${said}; what comes next: --after ${cursor}`);
  }
}
