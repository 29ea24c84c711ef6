import { type Command, Option } from "commander";
import type { ItemKind } from "../../domain/item-kind.ts";
import { type Completed, completedBy } from "./completed.ts";
import { type FilterFlag, filterFlags, withoutFlag } from "./filter-flags.ts";
import { UsageError } from "./usage-error.ts";

/** Adds the flags that filter items of a kind. @param but names of flags that the command does not take */
export function withFilters(command: Command, kind: ItemKind, but: readonly string[] = []): Command {
  for (const flag of filterFlags[kind]) {
    if (!but.includes(flag.name)) command.addOption(filterOption(flag, kind));
  }
  return command;
}

function filterOption(flag: FilterFlag, kind: ItemKind): Option {
  const { name, value } = flag;
  const repeatable = flag.takes === "pairs";
  const meaning = "choices" in flag ? `${flag.meaning}: ${orList(flag.choices)}` : flag.meaning;
  const flags = repeatable ? `--${name}, --${name}s` : `--${name}`;
  const option = completedBy(new Option(`${flags} <${value}>`, meaning), completedOf(flag, kind));
  return repeatable
    ? option.argParser(collected)
    : option.argParser((given: string, before: string | undefined) => {
        // Filters are combined with AND, and no item has two values of one field.
        if (before !== undefined) throw new UsageError(`--${name}: is given twice`);
        return given;
      });
}

function collected(given: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), given];
}

/** The flag that leaves traces out. */
export function withoutOption(): Option {
  const { name, value, meaning } = withoutFlag;
  const words = filterFlags.spans.map((flag) => `${flag.name}=`);
  return completedBy(new Option(`--${name} <${value}>`, meaning), { words }).argParser(collected);
}

function completedOf(flag: FilterFlag, kind: ItemKind): Completed {
  if ("choices" in flag) return { words: flag.choices };
  switch (flag.name) {
    case "service":
      return { held: { what: "services" } };
    case "name":
      return { held: { what: kind === "metrics" ? "metric names" : "span names" } };
    case "trace-id":
      return { held: { what: "trace ids" } };
    case "attribute":
      return { held: { what: "attributes", of: kind } };
    default:
      return {};
  }
}

/** `a, b or c` */
function orList(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
