import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { isatty } from "node:tty";

/** How a command ended. */
export interface ChildEnd {
  /**
   * As a shell has it: the command's own, 128 + the number of the signal that ended it, 127 when there is no such
   * command, 126 when it cannot be executed.
   */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | undefined;
  /** Why the command was not started. */
  readonly fault: string | undefined;
}

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Whether what the command writes to stdout goes to stderr. */
  readonly stdoutToStderr: boolean;
}

/** The signals that are passed on. Windows does not have all of them. */
const passedOn = (["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const).filter(
  (name) => name in constants.signals,
);

/** A terminal sends these to the command itself, which belongs to the same group of processes. */
const sentByTerminals: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"]);

/**
 * Runs a command with the stdio of this process, and passes signals on to it. This process lives on until the command
 * has ended, whatever the signal.
 */
export async function runChild(
  [command = "", ...args]: readonly string[],
  { env, stdoutToStderr }: ChildOptions,
): Promise<ChildEnd> {
  let child: ChildProcess | undefined;
  const isOnTerminal = [0, 1, 2].some((fd) => isatty(fd));
  const passOn = (name: NodeJS.Signals) => {
    if (!isOnTerminal || !sentByTerminals.has(name)) child?.kill(name);
  };
  for (const name of passedOn) process.on(name, passOn);
  try {
    child = spawn(command, args, { env, stdio: ["inherit", stdoutToStderr ? 2 : "inherit", "inherit"] });
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return {
      exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
      signal: signal ?? undefined,
      fault: undefined,
    };
  } catch (reason) {
    return notStarted(command, reason as NodeJS.ErrnoException);
  } finally {
    for (const name of passedOn) process.removeListener(name, passOn);
  }
}

function notStarted(command: string, { code, message }: NodeJS.ErrnoException): ChildEnd {
  return code === "ENOENT"
    ? { exitCode: 127, signal: undefined, fault: `${command}: command not found` }
    : { exitCode: 126, signal: undefined, fault: `${command}: cannot be executed (${code ?? message})` };
}
