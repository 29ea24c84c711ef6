import { type Command, Option } from "commander";
import type { ItemKind } from "../domain/item-kind.ts";
import type { FlagValues } from "./flags/filter-flags.ts";
import { withFilters } from "./flags/filter-options.ts";

/** The commands that move telemetry between servers and files. */
export type TransferRequest = {
  readonly command: "export";
  /** Undefined for everything. */
  readonly what: ExportKind | undefined;
  readonly flags: FlagValues;
};

/** What can be exported by itself. */
export type ExportKind = ItemKind | "profiles";

const exports = [
  { name: "traces", aliases: ["trace", "spans", "span"], kind: "spans", what: "spans" },
  { name: "logs", aliases: ["log"], kind: "logs", what: "log records" },
  { name: "metrics", aliases: ["metric"], kind: "metrics", what: "data points" },
  { name: "profiles", aliases: ["profile"], kind: "profiles", what: "profiles" },
] as const;

export function addTransferCommands(program: Command, onRequest: (request: TransferRequest) => void): void {
  const request = (what: ExportKind | undefined, command: Command): TransferRequest => ({
    command: "export",
    what,
    flags: command.optsWithGlobals(),
  });
  // The flags of all are taken behind the name of one, too.
  const all = program
    .command("export")
    .usage("[what] [filters]")
    .description("write what the server holds as OTLP/JSON, a request a line, which replay reads")
    .option("-o, --output <file>", "write to this file, which is emptied first (default: stdout)")
    .option("--after <cursor>", "only the items after this cursor of an earlier answer")
    .addOption(
      new Option(
        "--format <format>",
        "json: lines of OTLP/JSON; proto: protobuf, each with its length before it",
      )
        .choices(["json", "proto"])
        .default("json"),
    )
    .action((_flags, command) => onRequest(request(undefined, command)));
  for (const { name, aliases, kind, what } of exports) {
    const command = all.command(name).aliases(aliases);
    if (kind !== "profiles") withFilters(command, kind);
    command
      .description(`write the ${what} held${kind === "profiles" ? "" : " that match"}`)
      .action((_flags, self) => onRequest(request(kind, self)));
  }
}
