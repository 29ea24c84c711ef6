import { toJsonString } from "@bufbuild/protobuf";
import { itemSchemas } from "../../../api/item-schemas.ts";
import { apiJsonWriteOptions } from "../../../api/json-options.ts";
import { type ItemKind, itemKinds } from "../../../domain/item-kind.ts";
import type { ItemFilter } from "../../flags/filter-request.ts";
import type { ItemLists } from "../../output/items.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { searchItems } from "../items/item-search.ts";

/** Items of one answer. */
const pageItems = 1_000;

/** Prints each item as a line of JSON whose one field says what it is: `{"span":{...}}`. */
export async function printTagged(
  { spans = [], logs = [], metrics = [] }: ItemLists,
  { output }: Pick<CommandContext, "output">,
): Promise<void> {
  await output.jsonText([
    ...spans.map((span) => `{"span":${toJsonString(itemSchemas.spans, span, apiJsonWriteOptions)}}`),
    ...logs.map((log) => `{"log":${toJsonString(itemSchemas.logs, log, apiJsonWriteOptions)}}`),
    ...metrics.map((point) => `{"metric":${toJsonString(itemSchemas.metrics, point, apiJsonWriteOptions)}}`),
  ]);
}

/** Prints all items that arrived after a cursor and are held, a page at a time. */
export async function printAllTagged(after: string, context: CommandContext): Promise<void> {
  for (const kind of itemKinds) await printKind(kind, after, context);
}

async function printKind(kind: ItemKind, after: string, context: CommandContext): Promise<void> {
  const filter = { case: kind, value: {} } as ItemFilter;
  for (let cursor = after; ; ) {
    const page = { limit: pageItems, after: cursor, before: "" };
    const answer = await within(answerMs, context, (abort) => searchItems(filter, page, context, abort));
    await printTagged(answer, context);
    if ((answer[kind] ?? []).length === 0) return;
    cursor = answer.cursor;
  }
}
