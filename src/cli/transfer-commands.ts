import { Argument, type Command, Option } from "commander";
import { signals, signalTraits } from "../domain/signal.ts";
import { type ExportKind, exportKinds, exportSignals } from "./export-kinds.ts";
import { completedBy } from "./flags/completed.ts";
import { flagDefaults } from "./flags/defaults.ts";
import type { FlagValues } from "./flags/filter-flags.ts";
import { withFilters } from "./flags/filter-options.ts";
import { aliasesOfItems } from "./what-aliases.ts";

/** The commands that move telemetry between servers and files. */
export type TransferRequest =
  | {
      readonly command: "export";
      /** Undefined for everything. */
      readonly what: ExportKind | undefined;
      readonly flags: FlagValues;
    }
  | { readonly command: "replay"; readonly files: readonly string[]; readonly flags: FlagValues };

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
    .addOption(
      completedBy(
        new Option(
          "-o, --output <file>",
          "write to this file, in place of what it holds (default: -, stdout)",
        ),
        { isFile: true },
      ),
    )
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
  for (const kind of exportKinds) {
    const signal = exportSignals[kind];
    const command = all.command(signal).aliases(aliasesOfItems(signal));
    if (kind !== "profiles") withFilters(command, kind);
    command
      .description(
        `write the ${signalTraits[signal].itemNoun.many} held${kind === "profiles" ? "" : " that match"}`,
      )
      .action((_flags, self) => onRequest(request(kind, self)));
  }

  program
    .command("replay")
    .description("send files of OTLP/JSON lines, or of protobuf with --signal, to an OTLP endpoint")
    .addArgument(
      completedBy(
        new Argument(
          "<file...>",
          "what export, FORWARD_FILE and the Collector's file exporter write; - is stdin",
        ),
        { isFile: true },
      ),
    )
    .option("--to <url>", "URL of the OTLP endpoint (default: the server that the other commands call)")
    .addOption(
      new Option(
        "--protocol <protocol>",
        "of that endpoint (default: grpc; http/protobuf on port 4318 or with a path)",
      ).choices(["grpc", "http/protobuf"]),
    )
    .addOption(
      completedBy(
        new Option(
          "--speed <n>",
          "max: as fast as they are taken; 1: as they came, 2: twice as fast (default: max)",
        ),
        { words: ["max"] },
      ),
    )
    .addOption(
      completedBy(
        new Option(
          "--retime <now>",
          "now: move all times so that the latest is now, and the others as far before it",
        ),
        { words: ["now"] },
      ),
    )
    .addOption(
      completedBy(
        new Option(
          "--signal <signal>",
          "the files are protobuf, each request behind its length, of this signal",
        ),
        { words: signals },
      ),
    )
    .option(
      "--timeout <duration>",
      `how long to try when nothing is taken (default: ${flagDefaults.replayTimeout})`,
    )
    .action((files, _flags, command) =>
      onRequest({ command: "replay", files, flags: command.optsWithGlobals() }),
    );
}
