import { styleText } from "node:util";
import { Argument, Command, Option } from "commander";
import type { ItemKind } from "../domain/item-kind.ts";
import { subcommand } from "./completion/complete.ts";
import { addFigureCommands, type FigureRequest } from "./figure-commands.ts";
import { completedBy } from "./flags/completed.ts";
import { flagDefaults } from "./flags/defaults.ts";
import { defaultEndpoint } from "./flags/endpoint.ts";
import type { FlagValues } from "./flags/filter-flags.ts";
import { withFilters, withoutOption } from "./flags/filter-options.ts";
import { traceIdForm } from "./flags/trace-id.ts";
import { addLocalCommands, type LocalRequest, runExample } from "./local-commands.ts";
import { addProfileCommands, type ProfileRequest } from "./profile-commands.ts";
import { addTransferCommands, type TransferRequest } from "./transfer-commands.ts";
import { aliasesOf, aliasesOfItems } from "./what-aliases.ts";

/** The command that the arguments name, with its arguments and flags. */
export type Request =
  | { readonly command: "serve" }
  | { readonly command: "tail" | "search"; readonly what: ItemKind | "traces"; readonly flags: FlagValues }
  | { readonly command: "wait"; readonly what: ItemKind; readonly flags: FlagValues }
  | { readonly command: "trace"; readonly traceId: string; readonly flags: FlagValues }
  | { readonly command: "stats" | "services" | "clear" | "health"; readonly flags: FlagValues }
  | FigureRequest
  | ProfileRequest
  | TransferRequest
  | LocalRequest;

export interface ProgramOptions {
  readonly version: string;
  /** What stands behind `--`, for `run` and `completion`. */
  readonly words: readonly string[];
  /** It is called once, unless the arguments ask for help or the version. */
  readonly onRequest: (request: Request) => void;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** The commands, their flags and their help. What the commands do is loaded when one of them runs. */
export function createProgram({ version, words, onRequest, write, writeError }: ProgramOptions): Command {
  const program: Command = new Command("obsvty")
    .description(
      "The OTLP endpoint that you run next to your code.\n" +
        "Without a command it starts the server. The other commands call a running server.",
    )
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .usage("[command] [options]")
    .helpCommand(false)
    .exitOverride()
    .configureHelp({
      showGlobalOptions: true,
      // Beside the longest flag, 80 columns leave 39 for what it means; below 40 Commander would not wrap.
      minWidthToWrap: 20,
      // Help does not list aliases: they exist for people who guess a name.
      commandUsage: (command) => `${pathOf(command)} ${command.usage()}`,
      visibleGlobalOptions: (command) =>
        program.options.filter((option) => !option.hidden && appliesTo(option, command)),
      subcommandTerm: (command) => [command.name(), ...argumentsOf(command)].join(" "),
      styleTitle: (title) => styleText("bold", title, { validateStream: false }),
    })
    .configureOutput({ writeOut: write, writeErr: writeError })
    .option("--endpoint <url>", `URL of the server (default: OBSVTY_ENDPOINT, else ${defaultEndpoint})`)
    .addOption(pem("--ca", "PEM file of the authorities to trust over https (default: OBSVTY_CA_FILE)"))
    .addOption(pem("--cert", "PEM file of the certificate to show to the server (default: OBSVTY_CERT_FILE)"))
    .addOption(pem("--key", "PEM file of that certificate's key (default: OBSVTY_KEY_FILE)"))
    .addOption(new Option("--json", "print JSON lines, also on a terminal").conflicts("text"))
    .addOption(new Option("--text", "print text for people, also when not on a terminal"))
    .addHelpText("after", examples);

  const flagsOf = (command: Command): FlagValues => command.optsWithGlobals();

  program
    .command("serve")
    .description("start the server; its settings come from the environment and .env")
    // Every flag that it could suggest is one of the other commands.
    .showSuggestionAfterError(false)
    .action(() => onRequest({ command: "serve" }));

  const tail = program
    .command("tail")
    .usage(usageWithWhat)
    .description("print items as they arrive, until Ctrl-C");
  for (const { name, kind, as } of whats) {
    const command = withFilters(tail.command(name).aliases(aliasesOf(name)), kind)
      .description(`print ${as} as they arrive`)
      .option("--after <cursor>", "start with the items after this cursor of an earlier answer");
    if (name === "traces") command.option("-v, --verbose", verboseHelp);
    command.action((_flags, self) => onRequest({ command: "tail", what: name, flags: flagsOf(self) }));
  }

  const search = program
    .command("search")
    .usage(usageWithWhat)
    .description("print the items held that match, the newest last");
  for (const { name, kind, found } of whats) {
    const command = withFilters(search.command(name).aliases(aliasesOf(name)), kind)
      .description(`print ${found} that match, the newest last`)
      .option("--limit <n>", `how many at most (default: ${flagDefaults.limit})`)
      .option("--after <cursor>", "print the oldest items after this cursor of an earlier answer");
    if (name === "metrics") {
      command.option("--latest", "print only the newest data point of each series");
    }
    if (name === "traces") command.addOption(withoutOption());
    command.action((_flags, self) => onRequest({ command: "search", what: name, flags: flagsOf(self) }));
  }

  program
    .command("trace")
    .description("print one trace as a tree")
    .addArgument(completedBy(new Argument("<id>", traceIdForm), { held: { what: "trace ids" } }))
    .option("-v, --verbose", verboseHelp)
    .addOption(
      new Option(
        "--outline",
        "print each span with its own time and its time on the critical path",
      ).conflicts("verbose"),
    )
    .action((traceId, _flags, command) => onRequest({ command: "trace", traceId, flags: flagsOf(command) }));

  const wait = program
    .command("wait")
    .usage(usageWithWhat)
    .description("wait until enough items match; the exit code is 1 if there are not enough in time")
    .addHelpText("after", "\nwait traces is the same as wait spans.");
  for (const name of waits) {
    withFilters(wait.command(name).aliases(aliasesOfItems(name)), name)
      .description(`wait until enough ${name} match, including those held already, and print them`)
      .option("--min-count <n>", `how many must match (default: ${flagDefaults.minCount})`)
      .option("--timeout <duration>", `how long to wait (default: ${flagDefaults.waitTimeout})`)
      .option("--after <cursor>", "count only items after this cursor of an earlier answer")
      .action((_flags, command) => onRequest({ command: "wait", what: name, flags: flagsOf(command) }));
  }

  addFigureCommands(program, onRequest);
  addProfileCommands(program, search, onRequest);
  addTransferCommands(program, onRequest);
  addLocalCommands(program, words, onRequest);

  const plain = [
    ["stats", "print how much the server holds, and how much it accepted, refused and evicted"],
    ["clear", "forget all items that the server holds"],
    ["services", "print the services of the items held, and how many items each has"],
  ] as const;
  for (const [name, description] of plain) {
    program
      .command(name)
      .description(description)
      .action((_flags, command) => onRequest({ command: name, flags: flagsOf(command) }));
  }
  program
    .command("health")
    .description("print the state of the server; the exit code is 1 if it is not well")
    .option(
      "--timeout <duration>",
      `how long to wait for the answer (default: ${flagDefaults.healthTimeout})`,
    )
    .option("--sinks", "the exit code is 1 also if a sink fails or refuses what is handed on")
    .action((_flags, command) => onRequest({ command: "health", flags: flagsOf(command) }));
  program
    .command("help")
    .description("print the help of a command")
    .argument("[command...]")
    .action((path: readonly string[]) => commandAt(program, path).help());
  const all = [program, ...program.commands, ...program.commands.flatMap((each) => each.commands)];
  for (const command of all) {
    command.configureOutput({
      outputError: (message, writeLine) => writeLine(`obsvty: ${errorLine(message, command)}\n`),
    });
  }
  return program;
}

function pem(flag: string, meaning: string): Option {
  return completedBy(new Option(`${flag} <file>`, meaning), { isFile: true });
}

const verboseHelp = "print below each span its attributes, events and links";

const usageWithWhat = "<what> [filters]";

function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`;
}

/** @throws CommanderError that names the commands there are */
function commandAt(program: Command, path: readonly string[]): Command {
  return path.reduce((parent, name) => {
    return subcommand(parent, name) ?? parent.error(`error: unknown command '${name}'`);
  }, program);
}

/** `run` has a server of its own and calls no other, and the others call none. */
function appliesTo(option: Option, command: Command): boolean {
  return (
    !["run", "skill", "completion"].includes(command.name()) ||
    !["endpoint", "ca", "cert", "key"].includes(option.attributeName())
  );
}

function argumentsOf(command: Command): string[] {
  return command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
}

interface What {
  readonly name: ItemKind | "traces";
  /** The kind of items whose filters it takes. */
  readonly kind: ItemKind;
  /** What the help of `tail` names. */
  readonly as: string;
  /** What the help of `search` names. */
  readonly found: string;
}

const whats: readonly What[] = [
  {
    name: "traces",
    kind: "spans",
    as: "the traces of spans that match, as trees,",
    found: "a summary of each trace with spans",
  },
  { name: "spans", kind: "spans", as: "spans, one on a line,", found: "spans" },
  { name: "logs", kind: "logs", as: "log records", found: "log records" },
  { name: "metrics", kind: "metrics", as: "data points", found: "data points" },
];

/** What `wait` waits for: items. It takes the names of traces for those of spans. */
const waits = whats.flatMap(({ name }) => (name === "traces" ? [] : [name]));

/**
 * Commander's messages start with "error: ", and may suggest a word on a second line. Where it knows no word like
 * an unknown command, the commands that there are are named.
 */
function errorLine(message: string, command: Command): string {
  const text = message
    .replace(/^error: /, "")
    .trim()
    .replace(/\s*\n\s*/g, " ")
    // The value may be a secret: people who know `--token=...` of other programs write it.
    .replace(/^(unknown option '[^'=]*)=.*'/, "$1'");
  const names = command.commands.map((each) => each.name()).join(", ");
  if (command.name() === "run" && text.startsWith("unknown option")) {
    return `${text}; those of the command stand behind --: ${runExample}`;
  }
  const isOfServer = command.parent === null || command.name() === "serve";
  if (isOfServer && /^unknown option '[^']*'$/.test(text)) {
    return `${text}; the server has no flags, its settings come from the environment: OTLP_GRPC_PORT=4317 obsvty`;
  }
  return text.replace(/^unknown command '.*'$/, (unknown) => `${unknown}, it must be one of ${names}`);
}

const examples = `
Filters are flags named as in the API, combined with AND:
  obsvty tail logs --service shop --min-severity warn
  obsvty search spans --status-code error --min-duration 10ms --since 5m
  obsvty wait spans --name "GET /cart" --attribute cart.id=c3 --timeout 10s
  obsvty export logs --min-severity error -o errors.json

On a terminal commands print text, elsewhere the API's JSON, one item on a line.
API_TOKEN in the environment is sent as a bearer token. The exit code is 2 for a
wrong argument.`;
