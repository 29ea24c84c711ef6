import { Argument, type Command, Option } from "commander";
import { type ItemKind, itemKinds } from "../domain/item-kind.ts";
import { metricFunctions } from "../domain/metric-function.ts";
import { completedBy } from "./flags/completed.ts";
import { flagDefaults } from "./flags/defaults.ts";
import type { FlagValues } from "./flags/filter-flags.ts";
import { withFilters } from "./flags/filter-options.ts";
import { withGroups } from "./flags/group-flag.ts";
import { sortFigures } from "./flags/sort-flag.ts";
import { aliasesOf, aliasesOfItems } from "./what-aliases.ts";

/** The commands that count what the server holds. */
export type FigureRequest =
  | { readonly command: "top"; readonly flags: FlagValues }
  | { readonly command: "metrics" | "graph"; readonly flags: FlagValues }
  | { readonly command: "query"; readonly name: string; readonly flags: FlagValues }
  | { readonly command: "count" | "attributes"; readonly what: ItemKind; readonly flags: FlagValues };

export function addFigureCommands(program: Command, onRequest: (request: FigureRequest) => void): void {
  const top = program
    .command("top")
    .description(
      "show which spans there are most of, how many fail and how long they take; live on a terminal",
    );
  withGroups(withFilters(top, "spans"), "spans", flagDefaults.topGroupBy)
    .addOption(
      new Option(
        "--sort <figure>",
        `the greatest first: ${sortFigures.join(", ")} (default: ${flagDefaults.topSort})`,
      ).choices(sortFigures),
    )
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
  for (const kind of itemKinds) {
    // A number of spans would pass for a number of traces.
    const command = count
      .command(kind)
      .aliases(aliasesOf(kind))
      .description(`print how many ${kind} match at what time`);
    withGroups(withFilters(command, kind), kind)
      .option("--buckets <n>", `steps of time, at most (default: ${flagDefaults.buckets})`)
      .action((_flags, self: Command) =>
        onRequest({ command: "count", what: kind, flags: self.optsWithGlobals() }),
      );
  }

  const attributes = program
    .command("attributes")
    .usage("<what> [filters]")
    .description("print the attributes that items have, and their most frequent values");
  for (const kind of itemKinds) {
    withFilters(attributes.command(kind).aliases(aliasesOfItems(kind)), kind)
      .description(`print the attributes that ${kind} have, and their most frequent values`)
      .addOption(
        completedBy(new Option("--prefix <text>", "the beginning of keys"), {
          held: { what: "attribute keys", of: kind },
        }),
      )
      .option("--limit <n>", `keys, at most (default: ${flagDefaults.limit})`)
      .option("--values <n>", `values of each key, at most (default: ${flagDefaults.values})`)
      .option(
        "--max-items <n>",
        `how many of the newest items to look at (default: ${flagDefaults.maxItems})`,
      )
      .action((_flags, self: Command) =>
        onRequest({ command: "attributes", what: kind, flags: self.optsWithGlobals() }),
      );
  }

  withFilters(program.command("graph"), "spans")
    .description("print which service calls which, with how many calls, errors and how long they took")
    .option("--limit <n>", `pairs of services, at most (default: ${flagDefaults.limit})`)
    .action((_flags, self: Command) => onRequest({ command: "graph", flags: self.optsWithGlobals() }));

  withFilters(program.command("metrics"), "metrics")
    .description("print the metrics of the data points held, with their types, units and services")
    .option("--limit <n>", `metrics, at most (default: ${flagDefaults.limit})`)
    .action((_flags, self: Command) => onRequest({ command: "metrics", flags: self.optsWithGlobals() }));

  const query = program
    .command("query")
    .usage("<name> [filters]")
    .addArgument(
      completedBy(new Argument("<name>", "the metric's name, exactly"), { held: { what: "metric names" } }),
    )
    .description("print a metric over time");
  withGroups(withFilters(query, "metrics", ["name"]), "metrics")
    .addOption(
      completedBy(
        new Option(
          "--function <name>",
          `what is told: ${metricFunctions.join(", ")} (default: by the metric's type)`,
        ),
        { words: metricFunctions },
      ),
    )
    .option("--step <duration>", "how long a step of time is (default: a 300th of the time)")
    .action((name: string, _flags, self: Command) =>
      onRequest({ command: "query", name, flags: self.optsWithGlobals() }),
    );
}
