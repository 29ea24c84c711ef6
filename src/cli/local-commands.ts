import { Argument, type Command, Option } from "commander";
import { signals } from "../domain/signal.ts";
import { type Shell, shells } from "./completion/scripts.ts";
import { completedBy } from "./flags/completed.ts";
import { flagDefaults } from "./flags/defaults.ts";
import type { FlagValues } from "./flags/filter-flags.ts";
import { UsageError } from "./flags/usage-error.ts";

/** The commands that need no server that runs already, or for one side only. */
export type LocalRequest =
  | {
      readonly command: "run";
      /** The command that is run, and its arguments. */
      readonly words: readonly string[];
      readonly flags: FlagValues;
    }
  | { readonly command: "diff"; readonly sides: readonly [string, string]; readonly flags: FlagValues }
  | { readonly command: "skill"; readonly flags: FlagValues }
  | { readonly command: "mcp"; readonly flags: FlagValues }
  | {
      readonly command: "completion";
      readonly shell: Shell;
      /** What the script of that shell hands over; none when the script itself is asked for. */
      readonly words: readonly string[];
      readonly program: Command;
      readonly flags: FlagValues;
    };

export function addLocalCommands(
  program: Command,
  words: readonly string[],
  onRequest: (request: LocalRequest) => void,
): void {
  const run = program
    .command("run")
    .usage("[options] -- <command> [arguments]")
    .description("run a command, receive what it sends and print that when it has ended")
    .option("--follow", "print traces and log records as they come")
    .addOption(
      completedBy(new Option("--save <file>", "write all that came to this file, as export does"), {
        isFile: true,
      }),
    );
  for (const [flag, value, meaning] of expectations) {
    run.addOption(new Option(`--${flag} <${value}>`, meaning).argParser(repeated));
  }
  run
    .option("--fail-on-error", "fail when a span has failed or a log record is of an error")
    .option(
      "--wait <duration>",
      `how long to wait for what is under way or expected, after the command (default: ${flagDefaults.runWait})`,
    )
    .addHelpText("after", runHelp)
    .action((_flags: unknown, command: Command) => {
      if (words.length === 0) throw new UsageError(noSeparator);
      onRequest({ command: "run", words, flags: command.optsWithGlobals() });
    });

  program
    .command("diff")
    .usage("[options] <before> <after>")
    .description("compare the telemetry of two runs; the exit code is 1 if the structure differs")
    .addArgument(
      side("<before>", "a file as export and run --save write it, -, or server, or the URL of one"),
    )
    .addArgument(side("<after>", "another one"))
    .addOption(
      new Option(
        "--signal <signal>",
        "the files are protobuf, each request behind its length, of this signal",
      ).choices(signals),
    )
    .addHelpText("after", diffHelp)
    .action((before: string, after: string, _flags: unknown, command: Command) =>
      onRequest({ command: "diff", sides: [before, after], flags: command.optsWithGlobals() }),
    );

  const forAgents = [
    ["skill", "print a short guide that teaches a coding agent these commands"],
    ["mcp", "serve the Model Context Protocol on stdin and stdout, for agents, by asking the server"],
  ] as const;
  for (const [name, description] of forAgents) {
    program
      .command(name)
      .description(description)
      .action((_flags: unknown, command: Command) =>
        onRequest({ command: name, flags: command.optsWithGlobals() }),
      );
  }

  program
    .command("completion")
    .description("print a script by which a shell completes these commands, their flags and values")
    .addArgument(new Argument("<shell>", "whose script it is").choices(shells))
    .addHelpText("after", completionHelp)
    .action((shell: Shell, _flags: unknown, command: Command) =>
      onRequest({ command: "completion", shell, words, program, flags: command.optsWithGlobals() }),
    );
}

function side(name: string, meaning: string): Argument {
  return completedBy(new Argument(name, meaning), { isFile: true, words: [serverWord] });
}

/** What stands, in `diff`, for the server that the other commands call. */
export const serverWord = "server";

const completionHelp = `
Put one of these into the file that the shell reads when it starts:
  source <(obsvty completion bash)
  source <(obsvty completion zsh)     behind compinit
  obsvty completion fish | source`;

const diffHelp = `
The structure are the operations (service, name and kind of spans), which of them
are children of which, and the metrics with type and unit. Counts, errors, durations
and log records are told, and are no difference by themselves.`;

const expectations = [
  ["expect-span", "name|json", "fail when no span of this name comes; repeatable"],
  ["expect-log", "text|json", "fail when no log record with this text in its body comes"],
  ["expect-metric", "name|json", "fail when no metric of this name comes"],
] as const;

const runHelp = `
The command has OTEL_EXPORTER_OTLP_ENDPOINT set to a receiver of its own. What it
sent is printed on stderr; with --json on stdout, and its stdout goes to stderr.
What begins with { is a filter as the API's JSON, with minCount if it has to be more
than 1: --expect-span '{"name":"GET /cart","minCount":2}'.
The exit code is the command's if that is not 0, else 1 when it fails as above.`;

function repeated(given: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), given];
}

/** The arguments of obsvty itself, and the words that stand behind `--`. */
export interface SeparatedArgs {
  readonly own: readonly string[];
  readonly words: readonly string[];
}

/**
 * Takes the command that `run` runs out of the arguments, and the words that `completion` completes. Without the
 * separator, a flag of the command would be taken for one of obsvty's own.
 * @throws UsageError when there is a command without the separator
 */
export function separateCommand(args: readonly string[]): SeparatedArgs {
  const isWord = (arg: string) => !arg.startsWith("-");
  const name = args.findIndex(isWord);
  const command = args[name];
  if (command !== "run" && command !== "completion") return { own: args, words: [] };
  const at = args.indexOf("--");
  if (at !== -1) return { own: args.slice(0, at), words: args.slice(at + 1) };
  if (command === "run" && args.slice(name + 1).some(isWord)) throw new UsageError(noSeparator);
  return { own: args, words: [] };
}

/** For messages. */
export const runExample = "obsvty run -- node app.js";
const noSeparator = `run: a command stands behind --: ${runExample}`;
