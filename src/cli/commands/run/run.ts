import { setTimeout } from "node:timers/promises";
import { itemSignals } from "../../../domain/item-kind.ts";
import { signals, signalTraits } from "../../../domain/signal.ts";
import { createQueryClient } from "../../api/client.ts";
import type { Receiver, StartReceiver } from "../../api/receiver.ts";
import { type ChildEnd, runChild } from "../../child/child.ts";
import { childEnv } from "../../child/child-env.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { type RunOptions, runOptions } from "../../flags/run-flags.ts";
import { Output, type OutputStream } from "../../output/output.ts";
import { counted } from "../../output/summary-line.ts";
import { WholeFile } from "../../output/whole-file.ts";
import type { CommandContext } from "../command-context.ts";
import { onInterrupt } from "../interrupt.ts";
import { Following } from "../items/following.ts";
import { writeRequests } from "../transfer/request-writer.ts";
import { checkExpectations, sayUnmet, type Unmet, unmetExpectations } from "./expectations.ts";
import { getStats, type Received, readReceived } from "./received.ts";
import { printAllTagged } from "./run-json.ts";
import { hasReceived, printReceived, sayNothingCame, sayReceived } from "./run-report.ts";

export interface RunContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
  readonly startReceiver: StartReceiver;
  /** It aborts when stdout has no reader any more. */
  readonly abort: AbortSignal;
}

/** Nothing is under way any more when nothing has come for this time. */
const quietMs = 150;
const lookMs = 30;

/**
 * Runs a command, receives what it sends, and prints that when it has ended. Text is printed on stderr, so that the
 * command's stdout stays as it is; JSON on stdout, and the command's stdout goes to stderr.
 * @returns the exit code of the command when it is not 0, else 1 when an expectation was not met
 */
export async function run(
  command: readonly string[],
  flags: FlagValues,
  { stdout, stderr, env, startReceiver, abort }: RunContext,
): Promise<number> {
  const options = runOptions(flags);
  const isJson = flags.json === true;
  const format = isJson ? ("json" as const) : ("text" as const);
  const output = new Output({ stdout: isJson ? stdout : stderr, stderr, format, env, abort });
  const receiver = await startReceiver();
  const server = { url: receiver.endpoint, headers: {} };
  const context = { server, output, abort, client: createQueryClient(server) };
  try {
    await checkExpectations(options.expectations, context);
    const file = options.save === undefined ? undefined : await WholeFile.open(options.save, "--save");
    const { cursor } = await getStats(context);
    return await new Run(command, options, { receiver, env, isJson, cursor, file }, context).run();
  } finally {
    await receiver.close();
  }
}

interface RunParts {
  readonly receiver: Receiver;
  readonly env: NodeJS.ProcessEnv;
  readonly isJson: boolean;
  /** A cursor from before the command was started. */
  readonly cursor: string;
  /** Where all that came is written to. */
  readonly file: WholeFile | undefined;
}

/** What became of the telemetry of a command. */
interface Outcome {
  readonly received: Received;
  readonly unmet: readonly Unmet[];
}

class Run {
  readonly #command: readonly string[];
  readonly #options: RunOptions;
  readonly #parts: RunParts;
  readonly #context: CommandContext;

  constructor(command: readonly string[], options: RunOptions, parts: RunParts, context: CommandContext) {
    this.#command = command;
    this.#options = options;
    this.#parts = parts;
    this.#context = context;
  }

  async run(): Promise<number> {
    const { receiver, env, isJson, file } = this.#parts;
    const { output } = this.#context;
    const following = this.#options.follow ? new Following(this.#parts.cursor, this.#context) : undefined;
    const startMs = performance.now();
    const end = await runChild(this.#command, {
      env: childEnv(env, receiver.endpoint),
      stdoutToStderr: isJson,
    });
    const durationMs = Math.round(performance.now() - startMs);
    if (end.fault !== undefined) {
      await file?.discard();
      output.say(end.fault);
      return end.exitCode;
    }
    const interrupted = new AbortController();
    let interruptedCode = 0;
    const stopListening = onInterrupt((exitCode) => {
      interruptedCode = exitCode;
      interrupted.abort();
    });
    const abort = AbortSignal.any([this.#context.abort, interrupted.signal]);
    const context = { ...this.#context, abort };
    try {
      await this.#settle(following, context);
      await following?.end();
      const outcome = await this.#outcome(end, context);
      const isSaved = await this.#save(outcome.received, context);
      await this.#print(end, durationMs, outcome, context);
      if (end.exitCode !== 0) return end.exitCode;
      return outcome.unmet.length === 0 && isSaved ? 0 : 1;
    } catch (reason) {
      await file?.discard();
      // Its reader has enough, or the person has: what the command did counts.
      if (abort.aborted) return end.exitCode || interruptedCode;
      if (end.exitCode === 0) throw reason;
      output.say((reason as Error).message);
      return end.exitCode;
    } finally {
      stopListening();
    }
  }

  /** Waits until no export is under way, nothing more comes and what came has been shown. */
  async #settle(following: Following | undefined, context: CommandContext): Promise<void> {
    const { receiver } = this.#parts;
    const endMs = performance.now() + this.#options.waitMs;
    const ownCalls = following === undefined ? 0 : Following.calls;
    let before = "";
    let quietSinceMs = performance.now();
    for (;;) {
      const isIdle = receiver.callsInFlight() <= ownCalls;
      const { signals } = await getStats(context);
      const now = Object.values(signals)
        .map(({ accepted, rejected, refused }) => `${accepted} ${rejected} ${refused}`)
        .join();
      const isShown =
        following?.hasPassed((kind) => Number(signals[itemSignals[kind]]?.accepted ?? 0n)) ?? true;
      const nowMs = performance.now();
      if (now !== before || !isIdle || !isShown) quietSinceMs = nowMs;
      if (nowMs - quietSinceMs >= quietMs || nowMs >= endMs) return;
      before = now;
      await setTimeout(lookMs, undefined, { signal: context.abort });
    }
  }

  async #outcome(end: ChildEnd, context: CommandContext): Promise<Outcome> {
    const { expectations, failOnError, waitMs } = this.#options;
    // What a command that failed has not sent will hardly come.
    const unmet = await unmetExpectations(expectations, end.exitCode === 0 ? waitMs : 0, context);
    const received = await readReceived(context);
    const errors = received.spanErrors + received.logErrors.length;
    if (failOnError && errors > 0) {
      const reason = `${counted(errors, "error")} in spans and log records`;
      unmet.push({ flag: "--fail-on-error", expected: "", reason });
    }
    return { received, unmet };
  }

  /** @returns whether all that came is in the file */
  async #save({ evicted }: Received, context: CommandContext): Promise<boolean> {
    const { file } = this.#parts;
    if (file === undefined) return true;
    const lost = signals.filter((signal) => evicted[signal] > 0);
    for (const signal of lost) {
      const items = counted(evicted[signal], signalTraits[signal].itemNoun.one);
      context.output.say(`--save: ${items} evicted before the command ended, and not in the file`);
    }
    const { isWhole } = await writeRequests({}, context, async (bytes) => {
      context.abort.throwIfAborted();
      await file.write(bytes);
    });
    await file.finish();
    return isWhole && lost.length === 0;
  }

  async #print(end: ChildEnd, durationMs: number, outcome: Outcome, context: CommandContext): Promise<void> {
    const { output, server } = context;
    const { received, unmet } = outcome;
    if (this.#options.follow) {
      // It has been shown.
    } else if (output.isText) {
      await printReceived(received, context);
    } else {
      await printAllTagged(this.#parts.cursor, context);
    }
    if (!output.isText) {
      await output.jsonText([resultJson(this.#command, end, durationMs, received, unmet)]);
    }
    const [name = ""] = this.#command;
    if (end.signal !== undefined) output.say(`${name} was ended by ${end.signal}`);
    else if (end.exitCode !== 0) output.say(`${name} ended with exit code ${end.exitCode}`);
    if (hasReceived(received)) sayReceived(received, output);
    else sayNothingCame(server.url, this.#parts.env, output);
    for (const each of unmet) await sayUnmet(each, context);
  }
}

/** One line, which comes last. */
function resultJson(
  command: readonly string[],
  { exitCode, signal }: ChildEnd,
  durationMs: number,
  { accepted, evicted, rejected, refused, traces, spanErrors, logErrors, metricNames }: Received,
  unmet: readonly Unmet[],
): string {
  return JSON.stringify({
    result: {
      command,
      exitCode,
      signal: signal ?? null,
      durationMs,
      accepted,
      evicted,
      rejected,
      refused,
      traces: traces.length,
      spanErrors,
      logErrors: logErrors.length,
      metricNames,
      failures: unmet.map(({ flag, expected, reason }) => ({ flag, expected, reason })),
    },
  });
}
