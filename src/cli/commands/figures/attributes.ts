import { AttributeKeySchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { type ItemKind, itemSignals } from "../../../domain/item-kind.ts";
import { readLimits } from "../../../domain/read-limits.ts";
import { signalTraits } from "../../../domain/signal.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { itemFilter } from "../../flags/filter-request.ts";
import { gap, line, type Piece, spaced, type View, widthOf } from "../../output/line.ts";
import { counted } from "../../output/summary-line.ts";
import { figure } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { sayUnreadable } from "../left-out.ts";

/** Prints the attributes that items have, each with its most frequent values. */
export async function attributes(
  what: ItemKind,
  flags: FlagValues,
  context: CommandContext,
): Promise<number> {
  const { client, output } = context;
  const request = {
    filter: itemFilter(what, flags),
    prefix: (flags.prefix as string | undefined) ?? "",
    limit: countFlag("limit", flags.limit as string | undefined) ?? flagDefaults.limit,
    values: countFlag("values", flags.values as string | undefined) ?? flagDefaults.values,
    maxItems:
      countFlag("max-items", flags.maxItems as string | undefined, readLimits.lookedAt.max) ??
      flagDefaults.maxItems,
  };
  const answer = await within(answerMs, context, (abort) =>
    client.listAttributes(request, { signal: abort }),
  );
  if (output.isText) await output.lines(attributeLines(answer.attributes, output.view));
  else await output.json(AttributeKeySchema, answer.attributes);
  const noun = signalTraits[itemSignals[what]].itemNoun.one;
  if (!answer.whole)
    output.say(`of the newest ${counted(answer.lookedAt, noun)} that match; --max-items looks at more`);
  if (answer.leftOut > 0) output.say(`left out ${counted(answer.leftOut, "key")}; set --limit for more`);
  sayUnreadable(answer.unreadable, noun, output);
  return 0;
}

type Attributes = Awaited<ReturnType<CommandContext["client"]["listAttributes"]>>["attributes"];

/** A key on each line: how many items have it, then its values, each with how often it occurs. */
function attributeLines(found: Attributes, view: View): string[] {
  const keyColumns = Math.min(40, Math.max(0, ...found.map(({ key }) => widthOf([{ text: key }]))));
  const countColumns = Math.max(0, ...found.map(({ count }) => figure(count).length));
  return found.map(({ key, count, values, distinctValues }) => {
    const more = distinctValues - values.length;
    const name: Piece = { text: key, style: "bold" };
    const shown = values.flatMap(({ value, count: times }): Piece[] => [
      { text: value === "" ? '""' : value },
      { text: `×${figure(times)}`, style: "dim" },
    ]);
    return line(
      [
        name,
        gap(Math.max(0, keyColumns - widthOf([name])) + 2 + countColumns - figure(count).length),
        { text: figure(count) },
        gap(2),
        ...spaced([...shown, { text: more > 0 ? `and ${figure(more)} more` : "", style: "dim" }]),
      ],
      view,
    );
  });
}
