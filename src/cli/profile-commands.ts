import { type Command, Option } from "commander";
import { completedBy } from "./flags/completed.ts";
import { flagDefaults } from "./flags/defaults.ts";
import type { FlagValues } from "./flags/filter-flags.ts";
import { aliasesOf } from "./what-aliases.ts";

/** The commands that read profiles. */
export type ProfileRequest =
  | { readonly command: "search profiles"; readonly flags: FlagValues }
  | { readonly command: "profile"; readonly name: string; readonly flags: FlagValues };

/** @param search the command that searches */
export function addProfileCommands(
  program: Command,
  search: Command,
  onRequest: (request: ProfileRequest) => void,
): void {
  search
    .command("profiles")
    .aliases(aliasesOf("profiles"))
    .description("print the profiles that match, the newest last")
    .addOption(
      completedBy(new Option("--service <name>", 'service.name, exactly; "" for items without one'), {
        held: { what: "services" },
      }),
    )
    .option("--type <name>", "what the samples measure, such as cpu, exactly")
    .option("--since <time>", "at this time or later: RFC 3339, or how long ago (5m)")
    .option("--until <time>", "before this time")
    .option("--limit <n>", `how many at most (default: ${flagDefaults.limit})`)
    .option("--after <cursor>", "print the oldest items after this cursor of an earlier answer")
    .action((_flags, self: Command) =>
      onRequest({ command: "search profiles", flags: self.optsWithGlobals() }),
    );

  program
    .command("profile")
    .description("print the functions in which a profile has most of its samples")
    .argument("<profile>", "32 hex digits of its id, or its cursor")
    .option("--limit <n>", `functions or stacks, at most (default: ${flagDefaults.limit})`)
    .addOption(
      new Option("--folded", "print its stacks, one a line, as tools for flame graphs take them").conflicts(
        "json",
      ),
    )
    .action((name: string, _flags, self: Command) =>
      onRequest({ command: "profile", name, flags: self.optsWithGlobals() }),
    );
}
