import { styleText } from "node:util";
import { Command, Option } from "commander";
import { type FilterFlag, type FlagValues, filterFlags, type ItemKind } from "./filter-flags.ts";
import { defaultEndpoint } from "./server.ts";
import { UsageError } from "./usage-error.ts";

/** What the program was asked to do. */
export type Request =
  | { readonly command: "serve" }
  | { readonly command: "tail" | "search"; readonly what: ItemKind | "traces"; readonly flags: FlagValues }
  | { readonly command: "wait"; readonly what: ItemKind; readonly flags: FlagValues }
  | { readonly command: "trace"; readonly traceId: string; readonly flags: FlagValues }
  | { readonly command: "stats" | "services" | "health"; readonly flags: FlagValues };

export interface ProgramOptions {
  readonly version: string;
  /** Called once when the arguments ask for something other than help. */
  readonly onRequest: (request: Request) => void;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** The commands, their flags and their help. Made to be quick to load: what they do is elsewhere. */
export function createProgram({ version, onRequest, write, writeError }: ProgramOptions): Command {
  const program = new Command("obsvty")
    .description(
      "The OTLP endpoint that you run next to your code.\n" +
        "Without a command it serves. The other commands ask a server that runs.",
    )
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .usage("[command] [options]")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      // Without aliases, which are there for those who guess.
      commandUsage: (command) => `${pathOf(command)} ${command.usage()}`,
      subcommandTerm: (command) => [command.name(), ...argumentsOf(command)].join(" "),
      styleTitle: (title) => styleText("bold", title, { validateStream: false }),
    })
    .configureOutput({
      writeOut: write,
      writeErr: writeError,
      outputError: (message, writeLine) => writeLine(`obsvty: ${errorLine(message)}\n`),
    })
    .option("--endpoint <url>", `where the server is (OBSVTY_ENDPOINT; else ${defaultEndpoint})`)
    .addOption(new Option("--json", "JSON lines, also on a terminal").conflicts("text"))
    .addOption(new Option("--text", "readable text, also when not on a terminal"))
    .addHelpText("after", examples);

  const flagsOf = (command: Command): FlagValues => command.optsWithGlobals();

  program
    .command("serve")
    .description("receive and keep telemetry; settings come from the environment and .env")
    .action(() => onRequest({ command: "serve" }));

  const tail = program
    .command("tail")
    .usage(usageWithWhat)
    .description("print what comes, as it comes, until Ctrl-C");
  for (const { name, aliases, kind, as } of whats) {
    withFilters(tail.command(name).aliases(aliases), kind)
      .description(`print ${as} as they come`)
      .option("--after <cursor>", "begin after this cursor of an earlier answer")
      .action((_flags, command) => onRequest({ command: "tail", what: name, flags: flagsOf(command) }));
  }

  const search = program
    .command("search")
    .usage(usageWithWhat)
    .description("print what is held and matches, the newest last");
  for (const { name, aliases, kind, found } of whats) {
    const command = withFilters(search.command(name).aliases(aliases), kind)
      .description(`print ${found} that match, the newest last`)
      .option("--limit <n>", "at most so many, from 1 to 10000 (default: 100)")
      .option("--after <cursor>", "the oldest after this cursor of an earlier answer");
    if (name === "metrics") {
      command.option("--latest", "only the newest data point of each series");
    }
    command.action((_flags, self) => onRequest({ command: "search", what: name, flags: flagsOf(self) }));
  }

  program
    .command("trace")
    .description("print one trace as a tree")
    .argument("<id>", "32 hex digits")
    .action((traceId, _flags, command) => onRequest({ command: "trace", traceId, flags: flagsOf(command) }));

  const wait = program
    .command("wait")
    .usage(usageWithWhat)
    .description("wait until enough items match: exit code 0, or 1 when not in time");
  for (const { name, aliases } of waits) {
    withFilters(wait.command(name).aliases(aliases), name)
      .description(`wait until enough ${name} match, those held already too, and print them`)
      .option("--min-count <n>", "how many, from 1 to 10000 (default: 1)")
      .option("--timeout <duration>", "how long, at most 1h (default: 30s)")
      .option("--after <cursor>", "count only what came after this cursor of an earlier answer")
      .action((_flags, command) => onRequest({ command: "wait", what: name, flags: flagsOf(command) }));
  }

  const plain = [
    ["stats", "print how much is held, came, was refused and evicted"],
    ["services", "print the services seen, and how much each has sent"],
  ] as const;
  for (const [name, description] of plain) {
    program
      .command(name)
      .description(description)
      .action((_flags, command) => onRequest({ command: name, flags: flagsOf(command) }));
  }
  program
    .command("health")
    .description("ask how the server is: exit code 0 when it is well, else 1")
    .option("--timeout <duration>", "how long to wait for the answer (default: 5s)")
    .action((_flags, command) => onRequest({ command: "health", flags: flagsOf(command) }));
  return program;
}

const usageWithWhat = "<what> [filters]";

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

function argumentsOf(command: Command): string[] {
  return command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
}

interface What {
  readonly name: ItemKind | "traces";
  readonly aliases: readonly string[];
  /** Whose filters it takes. */
  readonly kind: ItemKind;
  readonly as: string;
  readonly found: string;
}

const whats: readonly What[] = [
  {
    name: "traces",
    aliases: ["trace"],
    kind: "spans",
    as: "traces with a span that matches, as trees,",
    found: "a summary of the traces with spans",
  },
  { name: "spans", aliases: ["span"], kind: "spans", as: "spans, each on a line,", found: "spans" },
  { name: "logs", aliases: ["log"], kind: "logs", as: "log records", found: "log records" },
  { name: "metrics", aliases: ["metric"], kind: "metrics", as: "data points", found: "data points" },
];

const waits = [
  { name: "spans", aliases: ["span", "traces", "trace"] },
  { name: "logs", aliases: ["log"] },
  { name: "metrics", aliases: ["metric"] },
] as const;

function withFilters(command: Command, kind: ItemKind): Command {
  for (const flag of filterFlags[kind]) command.addOption(filterOption(flag));
  return command;
}

function filterOption({ name, value, meaning, repeatable }: FilterFlag): Option {
  const flags = repeatable ? `--${name}, --${name}s` : `--${name}`;
  const option = new Option(`${flags} <${value}>`, meaning);
  return repeatable
    ? option.argParser((given: string, before: readonly string[] | undefined) => [...(before ?? []), given])
    : option.argParser((given: string, before: string | undefined) => {
        // Filters are combined with AND; no item has two names.
        if (before !== undefined) throw new UsageError(`--${name}: is given twice`);
        return given;
      });
}

/** Commander begins with "error: " and may suggest a word on a second line. */
function errorLine(message: string): string {
  return message
    .replace(/^error: /, "")
    .trim()
    .replace(/\s*\n\s*/g, " ");
}

const examples = `
Filters are flags named as in the API, combined with AND:
  obsvty tail logs --service shop --min-severity warn
  obsvty search spans --status-code error --min-duration 10ms --since 5m
  obsvty wait spans --name "GET /cart" --attribute http.response.status_code=200 --timeout 10s

On a terminal they print text, else JSON lines as the API has them. API_TOKEN in the
environment is sent as a bearer token. Wrong usage ends with exit code 2.`;
