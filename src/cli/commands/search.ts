import { TraceSummarySchema } from "../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../command-context.ts";
import { cursorFlag } from "../cursor-flag.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
import { spanFilter } from "../filters.ts";
import { itemFilter } from "../item-filter.ts";
import { type Asked, type Found, printSearch, searchAll } from "../item-search.ts";
import { countFlag } from "../number-flag.ts";
import type { Output } from "../output/output.ts";
import { counted, summaryLine } from "../output/summary-line.ts";

/** The API's own. */
const defaultLimit = 100;

/** Prints the items or traces that are held and match, the newest last. */
export async function search(
  what: ItemKind | "traces",
  flags: FlagValues,
  context: CommandContext,
): Promise<number> {
  const limit = countFlag("limit", flags.limit as string | undefined) ?? defaultLimit;
  const asked = { limit, after: cursorFlag(flags), latest: flags.latest === true };
  const found =
    what === "traces"
      ? await searchTraces(flags, asked, context)
      : await printSearch(itemFilter(what, flags), asked, context);
  sayWhere(found, asked, context.output);
  return 0;
}

async function searchTraces(flags: FlagValues, asked: Asked, context: CommandContext): Promise<Found> {
  const { client, output } = context;
  const filter = spanFilter(flags, Date.now());
  const { items, ...rest } = await searchAll(asked, context, async (page, signal) => {
    const answer = await client.searchTraces({ filter, ...page }, { signal });
    return { ...answer, items: answer.traces };
  });
  if (output.isText) {
    await output.lines(items.map((trace) => summaryLine(trace, output.view)));
  } else {
    await output.json(TraceSummarySchema, items);
  }
  return { count: items.length, ...rest };
}

/** For people: that nothing matched, and how to go on. In JSON each item has its cursor. */
function sayWhere({ count: found, cursor, missed }: Found, { limit, after }: Asked, output: Output): void {
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
