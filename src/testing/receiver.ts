/// <reference lib="esnext.disposable" preserve="true" />

import type { ExportRequest } from "./export-request.ts";
import type { ExporterEnv, ExporterProtocol } from "./exporter-env.ts";
import type { Faults } from "./faults.ts";
import type { LogFilter, MetricFilter, SpanFilter } from "./filters.ts";
import type { LogRecord, MetricPoint, Span } from "./items.ts";
import type { Trace } from "./trace.ts";

/**
 * What a receiver can be told when it starts.
 * @example
 * await startReceiver({ protocol: "grpc", logLevel: "info", settings: { VALIDATION: "strict" } });
 */
export interface ReceiverOptions {
  /** The protocol that `env` names. @default "http/protobuf", as in OpenTelemetry */
  readonly protocol?: ExporterProtocol | undefined;
  /** Writes the server's log to stdout. @default "silent" */
  readonly logLevel?: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent" | undefined;
  /**
   * Settings of the server, by the names of docs/settings.md.
   * @example
   * { VALIDATION: "strict", MAX_RECEIVE_MESSAGE_LENGTH: "65536" }
   */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** How long to wait, and for how many. */
export interface WaitOptions {
  /** How many items at least, up to 10,000. @default 1 */
  readonly count?: number | undefined;
  /**
   * Milliseconds, at most an hour; 0 looks at what is held now.
   * @default 4000, which ends before the 5 s that Vitest and Jest give a test
   */
  readonly timeoutMs?: number | undefined;
}

/** An OTLP receiver in the process of a test. It holds the newest 10,000 items of each signal. */
export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. It takes gRPC, OTLP/HTTP and all that obsvty takes, and serves its API. */
  readonly endpoint: string;
  /**
   * Variables for a child process, or for an SDK that is configured by them.
   * @example
   * spawn("python", ["shop.py"], { env: { ...process.env, ...receiver.env } });
   */
  readonly env: ExporterEnv;

  /**
   * All spans that match, in order of arrival, as soon as there are enough of them. Those that are held already count.
   * @throws AssertionError when there are not enough in time. It says how many came, the nearest miss, and what is held
   * @throws TypeError when the filter makes no sense
   * @example
   * const [span] = await receiver.waitForSpans({ name: "GET /cart", attributes: { "http.response.status_code": 200 } });
   */
  waitForSpans(filter?: SpanFilter, options?: WaitOptions): Promise<Span[]>;
  /**
   * All log records that match, as soon as there are enough of them: see `waitForSpans`.
   * @example
   * await receiver.waitForLogs({ minSeverity: "error", bodyContains: "declined" }, { timeoutMs: 10_000 });
   */
  waitForLogs(filter?: LogFilter, options?: WaitOptions): Promise<LogRecord[]>;
  /**
   * All data points that match, as soon as there are enough of them: see `waitForSpans`.
   * @example
   * await receiver.waitForMetrics({ name: "shop.orders", value: 3 });
   */
  waitForMetrics(filter?: MetricFilter, options?: WaitOptions): Promise<MetricPoint[]>;

  /**
   * The spans that are held and match, in order of arrival.
   * @example
   * const failed = await receiver.spans({ statusCode: "error" });
   */
  spans(filter?: SpanFilter): Promise<Span[]>;
  /**
   * The log records that are held and match, in order of arrival.
   * @example
   * const logs = await receiver.logs({ traceId: span.traceId });
   */
  logs(filter?: LogFilter): Promise<LogRecord[]>;
  /**
   * The data points that are held and match, in order of arrival.
   * @example
   * const points = await receiver.metrics({ name: "http.server.request.duration" });
   */
  metrics(filter?: MetricFilter): Promise<MetricPoint[]>;

  /**
   * The spans that are held of a trace, as a tree.
   * @throws AssertionError when none is held
   * @example
   * const trace = await receiver.trace(span.traceId);
   * trace.find("SELECT")?.parent?.span.name; // "GET /cart"
   */
  trace(traceId: string): Promise<Trace>;
  /**
   * The trace of the first span that matches, as soon as its root and the parent of each of its spans are there.
   * @throws AssertionError when no span matches in time, or the trace is not complete
   * @example
   * const trace = await receiver.waitForTrace({ name: "POST /checkout" });
   */
  waitForTrace(filter?: SpanFilter, options?: Pick<WaitOptions, "timeoutMs">): Promise<Trace>;

  /**
   * What exporters sent, and how it was answered: the newest 1,000 requests, or fewer with a million characters of
   * headers; the newest last.
   * @example
   * receiver.requests().map(({ encoding, headers }) => [encoding, headers["x-api-key"]]);
   */
  requests(): readonly ExportRequest[];

  /** Makes exports fail on purpose. */
  readonly faults: Faults;

  /** Forgets all telemetry and all requests, not the script of faults. Waits look at what arrives from now on. */
  clear(): void;

  /** Stops the server at once, and ends waits. Calling it again waits for the same end. */
  close(): Promise<void>;
}
