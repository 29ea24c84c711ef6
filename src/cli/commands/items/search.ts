import { TraceSummarySchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { cursorFlag } from "../../flags/cursor-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { filterOf, itemFilter, withoutOf } from "../../flags/filter-request.ts";
import type { Output } from "../../output/output.ts";
import { counted, summaryLines } from "../../output/summary-line.ts";
import type { CommandContext } from "../command-context.ts";
import { sayUnreadable } from "../left-out.ts";
import { type Asked, type Found, printSearch, searchAll } from "./item-search.ts";

/** Prints the items or traces that are held and match, the newest last. */
export async function search(
  what: ItemKind | "traces",
  flags: FlagValues,
  context: CommandContext,
): Promise<number> {
  const limit = countFlag("limit", flags.limit as string | undefined) ?? flagDefaults.limit;
  const asked = { limit, after: cursorFlag(flags), latest: flags.latest === true };
  const found =
    what === "traces"
      ? await searchTraces(flags, asked, context)
      : await printSearch(itemFilter(what, flags), asked, context);
  sayHowToGoOn(found, asked, context.output);
  return 0;
}

async function searchTraces(flags: FlagValues, asked: Asked, context: CommandContext): Promise<Found> {
  const { client, output } = context;
  const filter = filterOf("spans", flags);
  const without = [...withoutOf(flags)];
  const { items, ...rest } = await searchAll(asked, context, async (page, abort) => {
    const answer = await client.searchTraces({ filter, without, ...page }, { signal: abort });
    return { ...answer, items: answer.traces };
  });
  if (output.isText) {
    await output.lines(summaryLines(items, output.view));
  } else {
    await output.json(TraceSummarySchema, items);
  }
  return { count: items.length, ...rest };
}

/** Tells people how many items matched, and how to read on. In JSON each item has its cursor. */
export function sayHowToGoOn(
  { count: found, cursor, missed, unreadable }: Found,
  { limit, after }: Asked,
  output: Output,
): void {
  if (missed > 0n) {
    output.say(`${counted(missed, "item")} evicted since that cursor and missed`);
  }
  sayUnreadable(unreadable, "item", output);
  if (output.isText && output.isTerminal) {
    const which = after === "" ? "the newest" : "the oldest";
    const said =
      found === 0
        ? "nothing matched"
        : found < limit
          ? `${found} found`
          : `showing ${which} ${found}, set --limit for more`;
    output.say(`${said}; to see newer ones: --after ${cursor}`);
  }
}
