import type { Command } from "commander";
import type { ItemKind } from "../domain/item-kind.ts";
import { flagDefaults } from "./flags/defaults.ts";
import type { FlagValues } from "./flags/filter-flags.ts";
import { withFilters } from "./flags/filter-options.ts";
import { withGroups } from "./flags/group-flag.ts";

/** The commands that count what the server holds. */
export type FigureRequest =
  | { readonly command: "top"; readonly flags: FlagValues }
  | { readonly command: "count"; readonly what: ItemKind; readonly flags: FlagValues };

const aliases: Readonly<Record<ItemKind, readonly string[]>> = {
  spans: ["span", "traces", "trace"],
  logs: ["log"],
  metrics: ["metric"],
};

export function addFigureCommands(program: Command, onRequest: (request: FigureRequest) => void): void {
  const top = program
    .command("top")
    .description(
      "show which spans there are most of, how many fail and how long they take; live on a terminal",
    );
  withGroups(withFilters(top, "spans"), "spans", flagDefaults.topGroupBy)
    .option(
      "--interval <duration>",
      `how often a terminal shows new figures (default: ${flagDefaults.topInterval})`,
    )
    .option("--once", "print the figures once, also on a terminal")
    .action((_flags, command: Command) => onRequest({ command: "top", flags: command.optsWithGlobals() }));

  const count = program
    .command("count")
    .usage("<what> [filters]")
    .description("print how many items match at what time, as a histogram");
  for (const kind of ["spans", "logs", "metrics"] as const) {
    const command = count
      .command(kind)
      .aliases(aliases[kind])
      .description(`print how many ${kind} match at what time`);
    withGroups(withFilters(command, kind), kind)
      .option("--buckets <n>", `steps of time, at most (default: ${flagDefaults.buckets})`)
      .action((_flags, self: Command) =>
        onRequest({ command: "count", what: kind, flags: self.optsWithGlobals() }),
      );
  }
}
