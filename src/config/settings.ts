import {
  addresses,
  choice,
  credential,
  derivedWhole,
  endpoint,
  file,
  flag,
  headers,
  host,
  optionalPort,
  origins,
  type Setting,
  secret,
  shrinkingBytes,
  topic,
  whole,
} from "./setting-kinds.ts";

const kib = 2 ** 10;
const mib = 2 ** 20;
const gib = 2 ** 30;
const day = 86_400_000;
/** Node's timers take no longer time. */
const longestTimer = 2 ** 31 - 1;

/** Each sink has one of these. */
const sinkPolicies = ["best-effort", "lossless", "confirmed"] as const;

/** Header fields that obsvty sets itself. */
const forwardHeaders = [
  "content-type",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "connection",
  "host",
  "te",
  "trailer",
  "upgrade",
  "grpc-*",
  "obsvty-via",
];

/**
 * All settings, one row a key: default, bounds, unit and meaning. Types, checks, messages, `.env.example` and
 * the table in `docs/settings.md` come from here; `npm run generate:docs` writes the latter two.
 */
export const settings = {
  OTLP_GRPC_HOST: host("0.0.0.0", "address to listen on, of both ports; `::` takes IPv4 and IPv6"),
  OTLP_GRPC_PORT: whole(4317, [0, 65_535], "port", "port to listen on; 0 picks a free one"),
  OTLP_HTTP_PORT: optionalPort(
    4318,
    "second port, where exporters of OTLP/HTTP look; it serves the same as the first; 0 picks a free one, `off` opens none",
  ),
  REUSE_PORT: flag(
    false,
    "on Linux, lets several servers of one user listen on the same ports; the system shares connections out among them, and each server keeps and shows what it received itself",
  ),
  MAX_BUFFER_SIZE: whole(10_000, [1, 10_000_000], "items", "items kept for each signal"),
  MAX_BUFFER_BYTES: shrinkingBytes(
    256 * mib,
    16 * mib,
    [64 * kib, 3 * gib],
    "bytes of telemetry kept in all",
  ),
  MAX_RECEIVE_MESSAGE_LENGTH: whole(
    4 * mib,
    [1, 64 * mib],
    "bytes",
    "size of one request, before and after decompression",
  ),
  MAX_INFLIGHT_BYTES: shrinkingBytes(
    64 * mib,
    8 * mib,
    [1, 2 ** 40],
    "all requests that are being read together; over it, exporters are told to retry (UNAVAILABLE, 503)",
  ),
  MAX_QUERY_BYTES: shrinkingBytes(
    64 * mib,
    8 * mib,
    [mib, 2 ** 40],
    "all answers that are being made for readers together; over it, readers get RESOURCE_EXHAUSTED",
  ),
  RATE_LIMIT_MAX: whole(
    5_000,
    [0, 1_000_000_000],
    "requests",
    "requests that one client address may make in one window; 0 is no limit",
  ),
  RATE_LIMIT_WINDOW_MS: whole(1_000, [1, day], "milliseconds", "length of that window"),
  VALIDATION: choice(
    "lenient",
    ["lenient", "strict"],
    "`strict` warns senders, in a partial success that rejects nothing, of what is kept as sent though OTLP says otherwise",
  ),
  LOG_LEVEL: choice(
    "info",
    ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
    "lowest level that is logged",
  ),
  LOG_FORMAT: choice("auto", ["json", "pretty", "auto"], "`auto` is pretty on a terminal and JSON elsewhere"),
  SHUTDOWN_GRACE_MS: whole(
    10_000,
    [0, 3_600_000],
    "milliseconds",
    "time for calls in flight to end when the server stops",
  ),
  INGEST_TOKEN: secret("bearer token that exports must carry; without it, anyone may send"),
  API_TOKEN: secret("bearer token that readers must carry; without it, only this machine may read"),
  TLS_CERT_FILE: file(
    "server's certificate in PEM, followed by intermediate ones; it turns TLS on, on both ports",
  ),
  TLS_KEY_FILE: file("private key of that certificate, in PEM without a passphrase"),
  TLS_CLIENT_CA_FILE: file(
    "certificates of authorities in PEM; with it, clients must show a certificate that one of them signed (mutual TLS)",
  ),
  TLS_ALLOW_CLEARTEXT: flag(false, "with TLS on, takes connections without TLS too"),
  CORS_ORIGINS: origins(
    "origins whose pages may send telemetry, comma-separated, or `*` for any; they may never read",
  ),
  FAULT_INJECTION: flag(false, "lets `FaultService` answer exports with failures on purpose"),
  MAX_CONNECTIONS: whole(
    1_024,
    [1, 1_000_000],
    "connections",
    "open connections; over it, the one that has been idle longest is closed, or else the new one",
  ),
  MAX_CONNECTIONS_PER_CLIENT: derivedWhole(
    "half of `MAX_CONNECTIONS`",
    [1, 1_000_000],
    "connections",
    "open connections of one client address; over it, the one of them that has been idle longest is closed, or else the new one",
  ),
  MAX_CONCURRENT_STREAMS: whole(256, [1, 65_535], "calls", "concurrent calls on one HTTP/2 connection"),
  REQUEST_TIMEOUT_MS: whole(
    15_000,
    [1, longestTimer],
    "milliseconds",
    "time for the body of a request to arrive",
  ),
  FIRST_CALL_TIMEOUT_MS: whole(
    30_000,
    [1, longestTimer],
    "milliseconds",
    "time after which a connection that has not made any call is closed",
  ),
  IDLE_TIMEOUT_MS: whole(
    600_000,
    [1, longestTimer],
    "milliseconds",
    "time after which a connection without calls is closed",
  ),
  MAX_CONNECTION_AGE_MS: whole(
    0,
    [0, longestTimer],
    "milliseconds",
    "age at which a connection is asked to leave, give or take a tenth, so that a load balancer can send its client elsewhere; calls in flight go on; 0 is never",
  ),
  FORWARD_OTLP_ENDPOINT: endpoint(
    "OTLP endpoint that everything accepted is handed on to; with `http/protobuf`, `/v1/traces` and its like are put behind its path",
  ),
  FORWARD_OTLP_PROTOCOL: choice("grpc", ["grpc", "http/protobuf"], "OTLP protocol of that endpoint"),
  FORWARD_OTLP_HEADERS: headers(
    "header fields for that endpoint, as in `OTEL_EXPORTER_OTLP_HEADERS`",
    forwardHeaders,
  ),
  FORWARD_OTLP_COMPRESSION: choice(
    "gzip",
    ["gzip", "zstd", "none"],
    "compression of what is handed on; `zstd` needs Node 22.15",
  ),
  FORWARD_OTLP_MAX_BYTES: whole(
    4 * mib,
    [kib, 64 * mib],
    "bytes",
    "largest request that the endpoint takes, before compression; longer ones are split by their items",
  ),
  FORWARD_OTLP_CA_FILE: file(
    "certificates of authorities in PEM that sign the endpoint's certificate; without it, Node's own list",
  ),
  FORWARD_OTLP_CERT_FILE: file("client certificate in PEM to show to the endpoint (mutual TLS)"),
  FORWARD_OTLP_KEY_FILE: file("private key of that certificate, in PEM without a passphrase"),
  FORWARD_OTLP_POLICY: choice(
    "best-effort",
    sinkPolicies,
    "what an export may rely on: `best-effort` counts what the endpoint misses, `lossless` refuses exports rather than evict what it has not got, `confirmed` answers an export when the endpoint has it",
  ),
  FORWARD_KAFKA_BROKERS: addresses(
    "some brokers of the Kafka cluster that everything accepted is handed on to, which name the others",
  ),
  FORWARD_KAFKA_TOPIC_TRACES: topic("otlp_spans", "topic of traces"),
  FORWARD_KAFKA_TOPIC_LOGS: topic("otlp_logs", "topic of logs"),
  FORWARD_KAFKA_TOPIC_METRICS: topic("otlp_metrics", "topic of metrics"),
  FORWARD_KAFKA_TOPIC_PROFILES: topic("otlp_profiles", "topic of profiles"),
  FORWARD_KAFKA_COMPRESSION: choice(
    "none",
    ["none", "gzip", "snappy", "lz4", "zstd"],
    "compression of messages; `zstd` needs Node 22.15",
  ),
  FORWARD_KAFKA_MAX_BYTES: whole(
    mib + 12,
    [kib, 8 * mib],
    "bytes",
    "largest batch of messages that the topics take (`max.message.bytes`), before compression; longer requests are split by their items",
  ),
  FORWARD_KAFKA_TLS: flag(
    false,
    "speaks TLS with the brokers; a file of authorities or a certificate turns it on too",
  ),
  FORWARD_KAFKA_CA_FILE: file(
    "certificates of authorities in PEM that sign the brokers' certificates; without it, Node's own list",
  ),
  FORWARD_KAFKA_CERT_FILE: file("client certificate in PEM to show to the brokers (mutual TLS)"),
  FORWARD_KAFKA_KEY_FILE: file("private key of that certificate, in PEM without a passphrase"),
  FORWARD_KAFKA_SASL: choice(
    "none",
    ["none", "plain", "scram-sha-256", "scram-sha-512"],
    "SASL mechanism to authenticate with",
  ),
  FORWARD_KAFKA_USERNAME: credential("user name for it"),
  FORWARD_KAFKA_PASSWORD: credential("password of that user"),
  FORWARD_KAFKA_POLICY: choice(
    "best-effort",
    sinkPolicies,
    "what an export may rely on, as for `FORWARD_OTLP_POLICY`",
  ),
  FORWARD_FILE: file(
    "file that everything accepted is written to, as JSON lines in the form of the Collector's file exporter",
  ),
  FORWARD_FILE_MAX_BYTES: whole(
    100 * mib,
    [64 * kib, 2 ** 40],
    "bytes",
    "size of that file beyond which it is put aside, under a name with the time, and a new one is begun",
  ),
  FORWARD_FILE_MAX_FILES: whole(
    10,
    [1, 100_000],
    "files",
    "files that are kept, with the one that is written; over it, the oldest are deleted",
  ),
  FORWARD_FILE_POLICY: choice("best-effort", sinkPolicies, "as `FORWARD_OTLP_POLICY`, of the file"),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof settings;

/** What the server gets for a setting. */
export type SettingValue<S> = S extends Setting<infer Value> ? Value : never;
