import type { Readable } from "node:stream";
import { shiftTimes, timesOf } from "../../../otlp/request-times.ts";
import { realTimers } from "../../../use-cases/hand-on/timers.ts";
import type { OpenOtlpEndpoint, OtlpEndpoint } from "../../api/otlp-endpoint.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { type ReplayOptions, replayOptions, replayTarget } from "../../flags/replay-flags.ts";
import { UsageError } from "../../flags/usage-error.ts";
import { formatDuration } from "../../output/duration-text.ts";
import type { Output } from "../../output/output.ts";
import { figure } from "../../output/table.ts";
import { Pace } from "../../replay/pace.ts";
import { progressLine } from "../../replay/progress-line.ts";
import { Sending } from "../../replay/sending.ts";
import { Sources } from "../../replay/sources.ts";
import { Tally } from "../../replay/tally.ts";
import { failureOf } from "../failure.ts";
import { onInterrupt } from "../interrupt.ts";

export interface ReplayContext {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  readonly openOtlpEndpoint: OpenOtlpEndpoint;
  readonly output: Output;
  /** It aborts when stdout has no reader any more. */
  readonly abort: AbortSignal;
}

/** How often the progress is shown. */
const showMs = 100;
const nanosPerMs = 1_000_000n;

/**
 * Sends the requests that stand in files to an OTLP endpoint.
 * @param paths "-" is stdin
 * @returns 1 when something was not accepted
 */
export async function replay(
  paths: readonly string[],
  flags: FlagValues,
  context: ReplayContext,
): Promise<number> {
  const { output, env, stdin } = context;
  const options = replayOptions(flags);
  const target = replayTarget(flags, env);
  if (paths.filter((path) => path === "-").length > 1) throw new UsageError("-: stdin can be read once");
  const stop = new AbortController();
  const sources = new Sources({ paths, stdin, signal: options.signal, abort: stop.signal });
  if (options.isRetimed && !sources.canBeReadTwice) {
    throw new UsageError(
      "--retime: needs to read the files twice, so that it takes neither stdin nor a pipe",
    );
  }
  const run = new Replay(sources, target, options, flags, stop, context);
  const stopListening = onInterrupt((exitCode) => run.stop(exitCode));
  try {
    return await run.run();
  } finally {
    stopListening();
    output.showStatus("");
  }
}

class Replay {
  readonly #sources: Sources;
  readonly #target: OtlpEndpoint;
  readonly #options: ReplayOptions;
  readonly #flags: FlagValues;
  readonly #context: ReplayContext;
  readonly #tally: Tally;
  readonly #pace: Pace | undefined;
  readonly #stop: AbortController;
  #exitCode: number | undefined;
  #sending: Sending | undefined;
  #startMs = performance.now();
  #failure = "";
  /** When the endpoint has answered last. */
  #answeredAtMs: number | undefined;

  constructor(
    sources: Sources,
    target: OtlpEndpoint,
    options: ReplayOptions,
    flags: FlagValues,
    stop: AbortController,
    context: ReplayContext,
  ) {
    this.#stop = stop;
    this.#sources = sources;
    this.#target = target;
    this.#options = options;
    this.#flags = flags;
    this.#context = context;
    this.#tally = new Tally((message) => context.output.say(message));
    this.#pace = Number.isFinite(options.speed)
      ? new Pace(options.speed, () => performance.now())
      : undefined;
    context.abort.addEventListener("abort", () => this.stop(1));
  }

  /** Gives the replay up. What is under way then is not known to be accepted. */
  stop(exitCode: number): void {
    this.#exitCode ??= exitCode;
    this.#stop.abort();
  }

  async run(): Promise<number> {
    const { output, openOtlpEndpoint } = this.#context;
    const showing = setInterval(() => this.#show(), showMs);
    const sink = await openOtlpEndpoint(this.#target);
    try {
      const shift = this.#options.isRetimed ? await this.#shift() : 0n;
      this.#startMs = performance.now();
      this.#sending = new Sending({
        sink,
        timers: realTimers,
        abort: this.#stop.signal,
        onOutcome: (request, outcome) => {
          this.#answeredAtMs = performance.now();
          this.#tally.addOutcome(request, outcome);
        },
        onFailure: (code) => this.#onFailure(code),
      });
      await this.#sendAll(this.#sending, shift);
    } finally {
      clearInterval(showing);
      output.showStatus("");
      await sink.close();
    }
    this.#tally.sayRest();
    await this.#tellResult();
    return this.#exitCode ?? (this.#tally.isWhole ? 0 : 1);
  }

  async #sendAll(sending: Sending, shift: bigint): Promise<void> {
    try {
      await this.#beginAll(sending, shift);
    } catch (reason) {
      // What was read is sent.
      this.#context.output.say((reason as Error).message);
      this.#exitCode ??= 1;
    }
    await sending.drain();
  }

  async #beginAll(sending: Sending, shift: bigint): Promise<void> {
    const { signal: stopped } = this.#stop;
    for await (const part of this.#sources.parts()) {
      if (stopped.aborted) break;
      if (part.kind === "unreadable") {
        this.#tally.addUnreadable(part.unreadable);
        continue;
      }
      const { request } = part;
      await this.#pace?.until(request, stopped);
      if (shift !== 0n) shiftTimes(request.signal, request.bytes, shift);
      await sending.begin(request, () => this.#tally.addSent(request));
    }
  }

  /** By how much times have to be moved so that the latest is when the replay ends. */
  async #shift(): Promise<bigint> {
    const { speed } = this.#options;
    let first: bigint | undefined;
    let last = 0n;
    for await (const part of this.#sources.parts()) {
      if (this.#stop.signal.aborted) return 0n;
      if (part.kind === "unreadable") continue;
      const times = timesOf(part.request.signal, part.request.bytes);
      if (times === undefined) continue;
      first ??= times.last;
      if (times.last > last) last = times.last;
    }
    if (first === undefined) return 0n;
    const takes = Number.isFinite(speed) ? BigInt(Math.round(Number(last - first) / speed)) : 0n;
    return BigInt(Date.now()) * nanosPerMs + takes - last;
  }

  /** Stops when it is of no use to go on. */
  #onFailure(code: string): void {
    const { output } = this.#context;
    const { url } = this.#target;
    const nowMs = performance.now();
    this.#failure = code;
    if (this.#sending?.isFailing !== true) return;
    const stop = (message: string) => {
      if (this.#exitCode === undefined) output.say(message);
      this.stop(1);
    };
    if (/^(?:UNAUTHENTICATED|PERMISSION_DENIED|HTTP 40[13])$/.test(code)) {
      const variable = this.#flags.to === undefined ? "INGEST_TOKEN" : "OTEL_EXPORTER_OTLP_HEADERS";
      stop(`${url.origin} refuses this client (${code}); ${variable} in the environment is sent`);
    } else if (
      this.#answeredAtMs === undefined &&
      isConnectionFault(code) &&
      !(isCut(code) && nowMs - this.#startMs < cutPatienceMs)
    ) {
      stop(this.#connectionFailure(code));
    } else if (nowMs - (this.#answeredAtMs ?? this.#startMs) > this.#options.timeoutMs) {
      const waited = formatDuration(BigInt(Math.round(this.#options.timeoutMs)) * nanosPerMs);
      stop(`${url.origin} has taken nothing for ${waited} (${code})`);
    }
  }

  #connectionFailure(code: string): string {
    const { href } = this.#target.url;
    const url = href.replace(/\/$/, "");
    if (this.#flags.to !== undefined && code === "ECONNREFUSED") return `nothing answers at ${url}`;
    if (code.includes(" ")) return `${url} cannot be reached (${code})`;
    return failureOf(Object.assign(new Error(code), { code }), url, (message) => message).message;
  }

  #show(): void {
    const { output } = this.#context;
    const { bytesRead, byteLength } = this.#sources;
    if (output.statusColumns === 0) return;
    const { accepted, refused } = this.#tally;
    const elapsedMs = performance.now() - this.#startMs;
    const progress = {
      bytesRead,
      byteLength,
      items: accepted + refused,
      elapsedMs,
      waitsFor: this.#waitsFor(),
    };
    output.showStatus(progressLine(progress));
  }

  #waitsFor(): string | undefined {
    if (this.#sending === undefined)
      return this.#options.isRetimed ? "looking for the latest time" : undefined;
    const seconds = (ms: number) => formatDuration(BigInt(Math.ceil(ms / 1_000)) * 1_000_000_000n);
    if (this.#sending.isFailing) return `${this.#failure}, next try in ${seconds(this.#sending.waitMs)}`;
    const waitMs = this.#pace?.waitMs ?? 0;
    return waitMs > 2_000 ? `next request in ${seconds(waitMs)}` : undefined;
  }

  async #tellResult(): Promise<void> {
    const { output, abort } = this.#context;
    if (abort.aborted) return;
    const { requests, sent, accepted, refused, leftOut, unreadable } = this.#tally;
    if (!output.isText) {
      const result = { requests, sent, accepted, refused, leftOut, unreadable };
      await output.jsonText([JSON.stringify(result)]);
      return;
    }
    const parts = [`${figure(accepted)} accepted`, `${figure(refused)} refused`];
    const unknown = sent - accepted - refused;
    if (unknown > 0) parts.push(`${figure(unknown)} not answered`);
    if (leftOut > 0) parts.push(`${figure(leftOut)} left out`);
    if (unreadable > 0)
      parts.push(
        `${figure(unreadable)} ${unreadable === 1 ? "line or message" : "lines or messages"} not readable`,
      );
    const what = `${figure(sent)} item${sent === 1 ? "" : "s"} in ${figure(requests)} request${requests === 1 ? "" : "s"}`;
    await output.lines([`sent ${what}: ${parts.join(", ")}`]);
  }
}

/** How long a first connection may be cut again and again, as by a server that is just starting. */
const cutPatienceMs = 3_000;

/** Whether there was a connection, which something has ended: it need not be what a wrong address looks like. */
function isCut(code: string): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}

/** Whether no connection could be made: what a wrong address and a wrong certificate look like. */
function isConnectionFault(code: string): boolean {
  return /^(?:E[A-Z]+|ENOTFOUND|EAI_AGAIN|CERT_|DEPTH_|SELF_|UNABLE_|ERR_SSL|ERR_TLS|connection failed)/.test(
    code,
  );
}
