const maxTimerMs = 2 ** 31 - 1;

/**
 * The one settings schema: every key, its default, its unit and what it means. Types, checks and
 * messages all come from this table; a test holds `.env.example` against it.
 */
export const settings = {
  OTLP_GRPC_HOST: text("0.0.0.0", "address to listen on"),
  OTLP_GRPC_PORT: whole(4317, 0, 65_535, "port", "port to listen on; 0 picks a free one"),
  OTLP_HTTP_PORT: port(4318, "second port, with the same on it; 0 picks a free one"),
  MAX_BUFFER_SIZE: whole(10_000, 1, 10_000_000, "items", "items kept for each signal"),
  MAX_BUFFER_BYTES: whole(268_435_456, 65_536, 3 * 2 ** 30, "bytes", "bytes kept in all"),
  MAX_RECEIVE_MESSAGE_LENGTH: whole(
    4_194_304,
    1,
    64 * 2 ** 20,
    "bytes",
    "size of one request, before and after inflating",
  ),
  MAX_INFLIGHT_BYTES: whole(
    67_108_864,
    1,
    2 ** 40,
    "bytes",
    "all requests being read together; over it, UNAVAILABLE",
  ),
  MAX_QUERY_BYTES: whole(
    67_108_864,
    2 ** 20,
    2 ** 40,
    "bytes",
    "all answers being made for readers together; over it, RESOURCE_EXHAUSTED",
  ),
  RATE_LIMIT_MAX: whole(
    5_000,
    0,
    1_000_000_000,
    "requests",
    "what a client may send in one window; 0 is off",
  ),
  RATE_LIMIT_WINDOW_MS: whole(1_000, 1, 86_400_000, "milliseconds", "that window"),
  LOG_LEVEL: choice(
    "info",
    ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    "least level that is logged, in any case",
  ),
  LOG_FORMAT: choice("auto", ["json", "pretty", "auto"], "auto is pretty on a terminal, else json"),
  SHUTDOWN_GRACE_MS: whole(
    10_000,
    0,
    3_600_000,
    "milliseconds",
    "time that requests in flight get when stopping",
  ),
  INGEST_TOKEN: secret("bearer token that exports must carry; none when unset"),
  API_TOKEN: secret("bearer token that readers must carry; when unset only loopback may read"),
  MAX_CONNECTIONS: whole(1_024, 1, 1_000_000, "connections", "open at once; over it the newest is closed"),
  MAX_CONCURRENT_STREAMS: whole(256, 1, 65_535, "calls", "at once on one HTTP/2 connection"),
  CORS_ORIGINS: origins("comma-separated origins whose pages may send telemetry; none when unset"),
  FAULT_INJECTION: flag(false, "lets FaultService answer exports with failures on purpose"),
  REQUEST_TIMEOUT_MS: whole(15_000, 1, maxTimerMs, "milliseconds", "a body must have arrived by then"),
  IDLE_TIMEOUT_MS: whole(
    600_000,
    1,
    maxTimerMs,
    "milliseconds",
    "a connection without calls is let go after that",
  ),
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof settings;

interface ValueByKind {
  readonly text: string;
  readonly whole: number;
  /** Undefined for none. */
  readonly port: number | undefined;
  readonly origins: readonly string[];
  readonly secret: string | undefined;
  readonly flag: boolean;
}

/** What a setting is to the server. */
export type SettingValue<S extends Setting> = S extends { readonly allowed: readonly (infer Choice)[] }
  ? Choice
  : S extends { readonly kind: keyof ValueByKind }
    ? ValueByKind[S["kind"]]
    : never;

interface SettingBase {
  readonly meaning: string;
}

/** How a setting is written, checked and explained. */
export type Setting = SettingBase &
  (
    | { readonly kind: "text"; readonly default: string }
    | { readonly kind: "port"; readonly default: number }
    | { readonly kind: "origins"; readonly default: undefined }
    | { readonly kind: "secret"; readonly default: undefined }
    | { readonly kind: "flag"; readonly default: boolean }
    | { readonly kind: "choice"; readonly default: string; readonly allowed: readonly string[] }
    | {
        readonly kind: "whole";
        readonly default: number;
        readonly min: number;
        readonly max: number;
        readonly unit: string;
      }
  );

function text(fallback: string, meaning: string) {
  return { kind: "text", default: fallback, meaning } as const;
}

/** A port number, or `off`. */
function port(fallback: number, meaning: string) {
  return { kind: "port", default: fallback, meaning } as const;
}

function origins(meaning: string) {
  return { kind: "origins", default: undefined, meaning } as const;
}

function secret(meaning: string) {
  return { kind: "secret", default: undefined, meaning } as const;
}

function choice<const Allowed extends string>(
  fallback: NoInfer<Allowed>,
  allowed: readonly Allowed[],
  meaning: string,
) {
  return { kind: "choice", default: fallback, allowed, meaning } as const;
}

function whole(fallback: number, min: number, max: number, unit: string, meaning: string) {
  return { kind: "whole", default: fallback, min, max, unit, meaning } as const;
}

function flag(fallback: boolean, meaning: string) {
  return { kind: "flag", default: fallback, meaning } as const;
}
