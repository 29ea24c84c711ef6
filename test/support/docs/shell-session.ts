import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { main } from "../cli.ts";
import type { TestServer } from "../server.ts";
import { root } from "./markdown.ts";

/*
 * Runs commands of the documentation as a reader would. What differs: ports are those of a test's server,
 * `npx obsvty` and `npm run -s obsvty` run the source, which prints text where it can, as on a terminal, and
 * `npm install` does nothing, since CI installs by the same command. In another folder than the repository,
 * `npm start` does what its script says.
 */
const prelude = `
__obsvty() {
  case " $* " in
    *" --json "*|" export "*|"  ") '${process.execPath}' '${main}' "$@" ;;
    *) '${process.execPath}' '${main}' --text "$@" ;;
  esac
}
npx() { [ "$1" = obsvty ] && shift && __obsvty "$@"; }
npm() {
  case "$*" in
    install|"install --save-dev obsvty") ;;
    start) if [ -e package.json ]; then command npm start; else '${process.execPath}' '${main}'; fi ;;
    "run -s obsvty -- "*) shift 4; __obsvty "$@" ;;
    *) command npm "$@" ;;
  esac
}
`;

export interface Ran {
  /** What the commands printed, on stdout and stderr. */
  readonly output: string;
  /** The first command that failed; "" when none did. */
  readonly failed: string;
}

/** One bash for all the commands of a page, so that variables and functions of earlier blocks are there. */
export class ShellSession {
  readonly #t: TestContext;
  readonly #server: TestServer;
  readonly #bash: RunningBlock;
  readonly #folder: string;
  #blocks = 0;
  #tlsPort: string | undefined;

  /** @param folder in which the commands run */
  constructor(t: TestContext, server: TestServer, folder = root) {
    this.#t = t;
    this.#server = server;
    this.#folder = folder;
    this.#bash = this.#spawn([]);
    // ERR stands for every command that fails and is not the condition of another, also inside of functions.
    this.#bash.write(`${prelude}\nset -E -o pipefail; exec 2>&1\n`);
  }

  /** Runs a block to its end. */
  async run(block: string): Promise<Ran> {
    const mark = `end-of-block-${this.#blocks++}:`;
    const from = this.#bash.output.length;
    this.#bash.write(`__failed=; trap '__failed=$BASH_COMMAND; trap - ERR' ERR\n${this.#onFreePorts(block)}
trap - ERR; echo "${mark}\${__failed%%$'\\n'*}"\n`);
    const end = new RegExp(`${mark}(.*)\n`);
    await this.#bash.printed(end, from);
    const [output = "", failed = ""] = this.#bash.output.slice(from).split(end);
    return { output, failed };
  }

  /** Starts a block that ends only when it is interrupted. */
  start(block: string): RunningBlock {
    return this.#spawn(["-c", `${prelude}\n${this.#onFreePorts(block)}`]);
  }

  /** Has `https://localhost:4317` in later blocks mean this server. */
  useServerWithTls(address: string): void {
    this.#tlsPort = address.split(":").at(-1);
  }

  async has(tool: string): Promise<boolean> {
    return (await this.run(`command -v ${tool} || true`)).output.trim() !== "";
  }

  #onFreePorts(commands: string): string {
    const { url, httpUrl } = this.#server;
    const portOf = (address: string) => new URL(address).port;
    // In one go: a free port may itself begin with 4318.
    return commands.replaceAll(/(https:\/\/)?localhost:(4317|4318)\b/g, (_, tls, port) =>
      tls === undefined
        ? `localhost:${portOf(port === "4317" ? url : httpUrl)}`
        : `https://localhost:${this.#tlsPort}`,
    );
  }

  #spawn(args: readonly string[]): RunningBlock {
    const { OTEL_EXPORTER_OTLP_PROTOCOL, API_TOKEN, INGEST_TOKEN, NODE_OPTIONS, ...env } = process.env;
    const { url } = this.#server;
    const child = spawn("bash", ["--noprofile", "--norc", ...args], {
      cwd: this.#folder,
      // A group of its own, so that what it started can be ended with it.
      detached: true,
      env: {
        ...env,
        PATH: [dirname(process.execPath), env.PATH, join(homedir(), "go", "bin")].join(":"),
        TZ: "UTC",
        NO_COLOR: "1",
        OBSVTY_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        // For blocks that start a server.
        OTLP_GRPC_HOST: "127.0.0.1",
        OTLP_GRPC_PORT: "0",
        OTLP_HTTP_PORT: "0",
        LOG_FORMAT: "pretty",
      },
    });
    const block = new RunningBlock(child);
    this.#t.after(() => block.signal("SIGKILL"));
    return block;
  }
}

/** Far beyond what any block takes, so that a failure shows what was printed in place of the runner's limit. */
const longestWaitMs = 40_000;

/** A bash, and all that it has printed. */
export class RunningBlock {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #look = new EventEmitter();
  #output = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, "close");
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#look.emit("printed");
      });
    }
  }

  get output(): string {
    return this.#output;
  }

  write(commands: string): void {
    this.#child.stdin?.write(commands);
  }

  /**
   * Resolves once the output from a position on matches.
   * @throws Error when it ends or goes on for too long without
   */
  async printed(pattern: RegExp, from = 0): Promise<void> {
    const isOver = Promise.race([
      this.#closed.then(() => "ended"),
      once(AbortSignal.timeout(longestWaitMs), "abort").then(() => `ran for ${longestWaitMs} ms`),
    ]);
    while (!pattern.test(this.#output.slice(from))) {
      const over = await Promise.race([isOver, once(this.#look, "printed").then(() => undefined)]);
      if (over === undefined || pattern.test(this.#output.slice(from))) continue;
      throw new Error(`bash ${over} before it printed ${pattern}:\n${this.#output.slice(from)}`);
    }
  }

  async interrupt(): Promise<void> {
    this.signal("SIGINT");
    await this.#closed;
  }

  signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal);
    } catch {
      // All of the group have ended.
    }
  }
}
