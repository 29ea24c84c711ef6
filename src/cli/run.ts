import type { Readable } from "node:stream";
import { CommanderError } from "commander";
import { version } from "../version.ts";
import type { OpenOtlpEndpoint } from "./api/otlp-endpoint.ts";
import type { StartReceiver } from "./api/receiver.ts";
import type { CommandContext } from "./commands/command-context.ts";
import type { Failure } from "./commands/failure.ts";
import { serverOf } from "./flags/endpoint.ts";
import type { TlsFlags } from "./flags/tls-flags.ts";
import { UsageError } from "./flags/usage-error.ts";
import { separateCommand } from "./local-commands.ts";
import { Output, type OutputStream } from "./output/output.ts";
import { createProgram, type Request } from "./program.ts";

/** The parts of the process that the command line uses. */
export interface CliProcess {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Starts the server. */
  readonly serve: () => Promise<void>;
  readonly openOtlpEndpoint: OpenOtlpEndpoint;
  readonly startReceiver: StartReceiver;
}

/**
 * Runs the command that the arguments name.
 * @param args without the program's own name
 * @returns the exit code: 0, 1 when the command failed, 2 when it was called wrongly
 */
export async function runCli(args: readonly string[], cli: CliProcess): Promise<number> {
  const { stdout, stderr, env, serve } = cli;
  const closed = new AbortController();
  // A reader such as `head` closes its end when it has enough.
  stdout.on("error", (reason) => closed.abort(reason));
  // There is no other stream to report this on.
  stderr.on("error", () => {});
  let request: Request | undefined;
  try {
    const { own, words } = separateCommand(args);
    const program = createProgram({
      version,
      words,
      onRequest: (asked) => {
        request = asked;
      },
      write: (text) => stdout.write(text),
      writeError: (text) => stderr.write(text),
    });
    program.parse(own, { from: "user" });
  } catch (reason) {
    if (reason instanceof CommanderError) {
      return reason.exitCode === 0 ? 0 : 2;
    }
    if (reason instanceof UsageError) {
      stderr.write(`obsvty: ${reason.message}\n`);
      return 2;
    }
    throw reason;
  }
  if (request === undefined) {
    return 0;
  }
  if (request.command === "serve") {
    await serve();
    return 0;
  }
  const { json, text, endpoint, ca, cert, key } = request.flags;
  const format = json ? "json" : text ? "text" : undefined;
  const output = new Output({ stdout, stderr, env, format, abort: closed.signal });
  let url = "";
  try {
    if (request.command === "run") {
      const { run: runCommand } = await import("./commands/run/run.ts");
      return await runCommand(request.words, request.flags, { ...cli, abort: closed.signal });
    }
    if (request.command === "diff") {
      const { diff } = await import("./commands/transfer/diff.ts");
      const onCall = (called: string) => {
        url = called;
      };
      return await diff(request.sides, request.flags, { ...cli, output, onCall, abort: closed.signal });
    }
    if (request.command === "skill") {
      const { printSkill } = await import("./commands/tools/skill.ts");
      return await printSkill(output);
    }
    if (request.command === "completion") {
      const { completion } = await import("./commands/tools/completion.ts");
      return await completion(request, { output, env });
    }
    const server = serverOf(endpoint as string | undefined, { ca, cert, key } as TlsFlags, env);
    url = server.url;
    const context = { server, output, abort: closed.signal };
    if (request.command === "mcp") {
      const { mcp } = await import("./commands/tools/mcp.ts");
      return await mcp({ ...context, stdin: cli.stdin });
    }
    if (request.command === "replay") {
      const { replay } = await import("./commands/transfer/replay.ts");
      return await replay(request.files, request.flags, { ...context, ...cli });
    }
    return await run(request, context);
  } catch (reason) {
    if (closed.signal.aborted) {
      return endOfOutput(closed.signal.reason, output);
    }
    if (reason instanceof UsageError) {
      output.say(reason.message);
      return 2;
    }
    const { message, exitCode } = await explain(reason, url, request);
    output.say(message);
    return exitCode;
  }
}

/** This is loaded late: only a command that fails needs it. */
async function explain(reason: unknown, url: string, { command, flags }: Asked): Promise<Failure> {
  const [{ failureOf }, { withFlag }] = await Promise.all([
    import("./commands/failure.ts"),
    import("./flags/flag-names.ts"),
  ]);
  return failureOf(reason, url, (message) => withFlag(withArgument(message, command), flags));
}

/** What commands have as an argument, not as a flag. */
const argumentFields: Readonly<Record<string, { readonly fields: RegExp; readonly argument: string }>> = {
  trace: { fields: /^trace_id(?=: )/, argument: "<id>" },
  query: { fields: /^name(?=: )/, argument: "<name>" },
  profile: { fields: /^(?:profile_id|cursor)(?=: )/, argument: "<profile>" },
};

function withArgument(message: string, command: string): string {
  const known = argumentFields[command];
  return known === undefined ? message : message.replace(known.fields, known.argument);
}

function endOfOutput(reason: NodeJS.ErrnoException, output: Output): number {
  if (reason.code === "EPIPE") {
    return 0;
  }
  output.say(`cannot write: ${reason.message}`);
  return 1;
}

type Asked = Exclude<Request, { readonly command: "serve" }>;
type AskedOfServer = Exclude<
  Asked,
  { readonly command: "replay" | "run" | "diff" | "skill" | "mcp" | "completion" }
>;

/** Loads only the modules that the command needs: a probe runs `obsvty health` every few seconds. */
async function run(request: AskedOfServer, context: Omit<CommandContext, "client">): Promise<number> {
  if (request.command === "health") {
    const { health } = await import("./commands/server/health.ts");
    return health(request.flags, context);
  }
  const { createQueryClient } = await import("./api/client.ts");
  const withClient = { ...context, client: createQueryClient(context.server) };
  switch (request.command) {
    case "tail": {
      const { tail } = await import("./commands/items/tail.ts");
      return tail(request.what, request.flags, withClient);
    }
    case "search": {
      const { search } = await import("./commands/items/search.ts");
      return search(request.what, request.flags, withClient);
    }
    case "wait": {
      const { wait } = await import("./commands/items/wait.ts");
      return wait(request.what, request.flags, withClient);
    }
    case "trace": {
      const { trace } = await import("./commands/items/trace.ts");
      return trace(request.traceId, request.flags, withClient);
    }
    case "top": {
      const { top } = await import("./commands/figures/top.ts");
      return top(request.flags, withClient);
    }
    case "count": {
      const { count } = await import("./commands/figures/count.ts");
      return count(request.what, request.flags, withClient);
    }
    case "attributes": {
      const { attributes } = await import("./commands/figures/attributes.ts");
      return attributes(request.what, request.flags, withClient);
    }
    case "graph": {
      const { graph } = await import("./commands/figures/graph.ts");
      return graph(request.flags, withClient);
    }
    case "metrics": {
      const { metrics } = await import("./commands/figures/metrics.ts");
      return metrics(request.flags, withClient);
    }
    case "query": {
      const { query } = await import("./commands/figures/query.ts");
      return query(request.name, request.flags, withClient);
    }
    case "search profiles": {
      const { searchProfiles } = await import("./commands/items/profiles.ts");
      return searchProfiles(request.flags, withClient);
    }
    case "profile": {
      const { profile } = await import("./commands/items/profiles.ts");
      return profile(request.name, request.flags, withClient);
    }
    case "export": {
      const { exportTelemetry } = await import("./commands/transfer/export.ts");
      return exportTelemetry(request.what, request.flags, withClient);
    }
    case "stats": {
      const { stats } = await import("./commands/figures/stats.ts");
      return stats(withClient);
    }
    case "clear": {
      const { clear } = await import("./commands/server/clear.ts");
      return clear(withClient);
    }
    case "services": {
      const { services } = await import("./commands/figures/services.ts");
      return services(withClient);
    }
  }
}
