import type { Span } from "../../../../gen/obsvty/v1/query_pb.ts";
import { looksComplete } from "../../output/trace-shape.ts";

/** The clock and timers; a test has its own, so that it need not wait. */
export interface Timers {
  nowMs(): number;
  /** @returns a function that cancels the timer */
  schedule(afterMs: number, run: () => void): () => void;
}

export const realTimers: Timers = {
  nowMs: () => performance.now(),
  schedule: (afterMs, run) => {
    const timer = setTimeout(run, afterMs);
    return () => clearTimeout(timer);
  },
};

export interface TraceCollectorOptions {
  /** Shows the spans of a trace. There is one call at a time. */
  readonly show: (spans: readonly Span[]) => Promise<void>;
  /** Loads all spans of a trace that the server holds; undefined when it holds none. */
  readonly load: (traceId: string) => Promise<readonly Span[] | undefined>;
  /** True when a filter keeps some spans of a trace from being added. */
  readonly isFiltered: boolean;
  readonly timers: Timers;
  /** A trace that looks complete is shown when no span was added for this time. @default 300 */
  readonly quietMs?: number;
  /**
   * A trace that does not look complete is shown this long after its first span. SDKs send spans every 5
   * seconds by default, and each service at its own times. @default 6000
   */
  readonly patienceMs?: number;
  /** Spans of all traces that wait. Over this the oldest trace is shown as it is. @default 20000 */
  readonly maxSpans?: number;
}

/** How many of the traces shown last are remembered as shown. */
const maxRecent = 10_000;

interface PendingTrace {
  readonly spans: Span[];
  readonly giveUpMs: number;
  cancel: () => void;
}

/**
 * Collects spans that arrive in any order into traces. A trace is shown again, with all its spans held, when
 * spans arrive after it was shown.
 */
export class TraceCollector {
  readonly #options: Required<TraceCollectorOptions>;
  /** The oldest first. */
  readonly #pending = new Map<string, PendingTrace>();
  /** Traces that were shown, the oldest first. */
  readonly #recent = new Set<string>();
  #pendingSpans = 0;
  /** Spans that are no longer pending and not yet shown. */
  #queuedSpans = 0;
  #shown: Promise<void> = Promise.resolve();
  readonly #failed = Promise.withResolvers<never>();

  constructor(options: TraceCollectorOptions) {
    this.#options = { quietMs: 300, patienceMs: 6_000, maxSpans: 20_000, ...options };
    this.#failed.promise.catch(() => {});
  }

  /** Rejects when a trace could not be shown. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Resolves when more may be added: later, when showing is slower than adding. */
  async add(spans: readonly Span[]): Promise<void> {
    const { timers, patienceMs, quietMs, maxSpans } = this.#options;
    for (const span of spans) {
      let trace = this.#pending.get(span.traceId);
      if (trace === undefined) {
        trace = { spans: [], giveUpMs: timers.nowMs() + patienceMs, cancel: () => {} };
        this.#pending.set(span.traceId, trace);
      }
      trace.spans.push(span);
      this.#pendingSpans++;
    }
    for (const traceId of new Set(spans.map((span) => span.traceId))) {
      this.#lookAgain(traceId, quietMs);
    }
    for (const [traceId, trace] of this.#pending) {
      if (this.#pendingSpans <= maxSpans) break;
      this.#settle(traceId, trace);
    }
    if (this.#queuedSpans > maxSpans) {
      await this.#shown;
    }
  }

  /** Shows all pending traces, and resolves when they are shown. */
  async flush(): Promise<void> {
    for (const [traceId, trace] of this.#pending) this.#settle(traceId, trace);
    await this.#shown;
  }

  /** Schedules the next look, for the end of the trace's patience at the latest, even when it keeps growing. */
  #lookAgain(traceId: string, afterMs: number): void {
    const trace = this.#pending.get(traceId);
    if (trace !== undefined) {
      const leftMs = Math.max(0, trace.giveUpMs - this.#options.timers.nowMs());
      trace.cancel();
      trace.cancel = this.#options.timers.schedule(Math.min(afterMs, leftMs), () =>
        this.#look(traceId, trace),
      );
    }
  }

  #look(traceId: string, trace: PendingTrace): void {
    const { isFiltered, timers, load, patienceMs } = this.#options;
    // The filter left out some of its spans, or some were shown before.
    const isPart = isFiltered || this.#recent.has(traceId);
    if (!isPart && looksComplete(trace.spans)) {
      this.#settle(traceId, trace);
    } else if (timers.nowMs() >= trace.giveUpMs) {
      this.#settle(traceId, trace, () => load(traceId));
    } else if (isPart) {
      this.#enqueue(() => this.#lookAtWhole(traceId, trace));
    } else {
      this.#lookAgain(traceId, patienceMs);
    }
  }

  async #lookAtWhole(traceId: string, trace: PendingTrace): Promise<void> {
    const { load, patienceMs } = this.#options;
    const count = trace.spans.length;
    const spans = await load(traceId);
    if (this.#pending.get(traceId) !== trace || trace.spans.length !== count) {
      // The trace was shown meanwhile, or has grown: then another look is due.
      return;
    }
    if (spans !== undefined && looksComplete(spans)) {
      this.#settle(traceId, trace, async () => spans);
    } else {
      this.#lookAgain(traceId, patienceMs);
    }
  }

  #settle(
    traceId: string,
    { cancel, spans }: PendingTrace,
    load?: () => Promise<readonly Span[] | undefined>,
  ): void {
    cancel();
    this.#pending.delete(traceId);
    this.#remember(traceId);
    this.#pendingSpans -= spans.length;
    this.#queuedSpans += spans.length;
    this.#enqueue(async () => {
      await this.#options.show((await load?.()) ?? spans);
      this.#queuedSpans -= spans.length;
    });
  }

  #remember(traceId: string): void {
    this.#recent.add(traceId);
    const [oldest] = this.#recent;
    if (this.#recent.size > maxRecent && oldest !== undefined) this.#recent.delete(oldest);
  }

  #enqueue(step: () => Promise<void>): void {
    this.#shown = this.#shown.then(step);
    this.#shown.catch((reason) => this.#failed.reject(reason));
  }
}
