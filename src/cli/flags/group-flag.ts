import { type Command, Option } from "commander";
import { groupFields } from "../../domain/grouping.ts";
import type { ItemKind } from "../../domain/item-kind.ts";
import { completedBy } from "./completed.ts";
import { flagDefaults } from "./defaults.ts";
import type { FlagValues } from "./filter-flags.ts";

/** Adds the flags of commands that count groups of items. @param fallback what they are grouped by unless it is said */
export function withGroups(command: Command, kind: ItemKind, fallback?: string): Command {
  const words = groupFields[kind];
  const option = new Option(
    "--group-by <fields>",
    `${words.join(", ")} or attributes.KEY, with commas between; repeatable${fallback ? ` (default: ${fallback})` : ""}`,
  ).argParser((given: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    ...given.split(","),
  ]);
  return command
    .addOption(completedBy(option, { words, isList: true, held: { what: "attribute groups", of: kind } }))
    .option("--limit <n>", `groups, at most (default: ${flagDefaults.limit})`);
}

/** What `--group-by` names; the server says what is wrong with it. */
export function groupByFlag({ groupBy }: FlagValues, fallback = ""): string[] {
  const given = groupBy as readonly string[] | undefined;
  if (given !== undefined) return given.map((field) => field.trim());
  return fallback === "" ? [] : fallback.split(",");
}
