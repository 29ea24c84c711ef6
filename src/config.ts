import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { envSchema } from "env-schema";

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
}

type SettingValue<S extends Setting> = S extends { readonly allowed: readonly (infer Choice)[] }
  ? Choice
  : S extends { readonly kind: keyof ValueByKind }
    ? ValueByKind[S["kind"]]
    : never;

type SettingValues = { readonly [Key in SettingKey]: SettingValue<(typeof settings)[Key]> };

type CamelCase<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Key>;

/** The settings in force, by their keys in camel case: `OTLP_GRPC_PORT` is `otlpGrpcPort`. */
export type Config = { readonly [Key in SettingKey as CamelCase<Key>]: SettingValues[Key] };

/** A setting that the server cannot start with. Its message is one line for the person who set it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Variables = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  /** @default process.env */
  readonly env?: Variables;
  /**
   * A file of `KEY=value` lines, which the environment overrides. It need not exist.
   * @default ".env"
   */
  readonly file?: string;
}

/**
 * Reads the settings from the file, the environment and the defaults. An empty value counts as unset.
 * @throws ConfigError naming the key, the value (never a secret one) and what is allowed
 */
export function loadConfig({ env = process.env, file = ".env" }: ConfigSources = {}): Config {
  const given = { ...settingsIn(readVariables(file)), ...settingsIn(env) };
  let values: Record<SettingKey, string | number | undefined>;
  try {
    values = envSchema<typeof values>({ schema: jsonSchema(), data: given, env: false });
  } catch (cause) {
    const key = failedKey(cause);
    throw key === undefined ? cause : new ConfigError(refusal(key, given[key]), { cause });
  }
  const config = Object.freeze(
    Object.fromEntries(settingKeys.map((key) => [camelCase(key), readValue(settings[key], values[key])])),
  ) as unknown as Config;
  if (config.maxInflightBytes < config.maxReceiveMessageLength) {
    // Else a request of the allowed size could never be read.
    const allowed = `at least MAX_RECEIVE_MESSAGE_LENGTH (${config.maxReceiveMessageLength})`;
    throw new ConfigError(refusal("MAX_INFLIGHT_BYTES", String(config.maxInflightBytes), allowed));
  }
  return config;
}

/** From what the schema let pass to what the server works with. */
function readValue(setting: Setting, value: string | number | undefined) {
  switch (setting.kind) {
    case "port":
      return value === "off" ? undefined : Number(value);
    case "origins":
      return originsIn(String(value ?? ""));
    default:
      return value;
  }
}

function originsIn(list: string): string[] {
  return list
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
}

interface SettingBase {
  readonly meaning: string;
}

type Setting = SettingBase &
  (
    | { readonly kind: "text"; readonly default: string }
    | { readonly kind: "port"; readonly default: number }
    | { readonly kind: "origins"; readonly default: undefined }
    | { readonly kind: "secret"; readonly default: undefined }
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

const settingKeys = Object.keys(settings) as SettingKey[];

/** A token travels in an HTTP header after "Bearer ", so it can hold no space and no control character. */
const tokenPattern = "^[\\x21-\\x7e]+$";
const portPattern = "^([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]|off)$";
/** As browsers send it (RFC 6454, 6.2): no path, not even a slash; the port only when it is not the usual one. */
const origin = "(https?|chrome-extension|moz-extension)://[^/,\\s*]+";
const originsPattern = `^(\\*|${origin}(\\s*,\\s*${origin})*)$`;

function jsonSchema(): object {
  const properties = Object.fromEntries(settingKeys.map((key) => [key, property(settings[key])]));
  return { type: "object", properties };
}

function property(setting: Setting): object {
  switch (setting.kind) {
    case "whole":
      return { type: "integer", minimum: setting.min, maximum: setting.max, default: setting.default };
    case "choice":
      return { type: "string", enum: setting.allowed, default: setting.default };
    case "port":
      return { type: "string", pattern: portPattern, default: String(setting.default) };
    case "origins":
      return { type: "string", pattern: originsPattern };
    case "secret":
      return { type: "string", pattern: tokenPattern };
    case "text":
      return { type: "string", default: setting.default };
  }
}

/** What the variables say about settings of ours. Choices are taken in any letter case. */
function settingsIn(variables: Variables): Partial<Record<SettingKey, string>> {
  const found: Partial<Record<SettingKey, string>> = {};
  for (const key of settingKeys) {
    const value = variables[key]?.trim();
    if (value) {
      found[key] = ["choice", "port"].includes(settings[key].kind) ? value.toLowerCase() : value;
    }
  }
  return found;
}

function readVariables(file: string): Variables {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      return {};
    }
    throw new ConfigError(`${file}: cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** Ajv's first error names the property in a JSON pointer: "/LOG_LEVEL". */
function failedKey(reason: unknown): SettingKey | undefined {
  const [first] = (reason as { errors?: readonly { instancePath?: string }[] }).errors ?? [];
  const key = first?.instancePath?.slice(1);
  return key !== undefined && key in settings ? (key as SettingKey) : undefined;
}

function refusal(key: SettingKey, value: string | undefined, allowed = whatIsAllowed(settings[key])): string {
  const shown = settings[key].kind === "secret" ? "the value given" : JSON.stringify(value);
  return `${key}: ${shown} is not allowed, it must be ${allowed}`;
}

function whatIsAllowed(setting: Setting): string {
  switch (setting.kind) {
    case "whole":
      return `a whole number from ${setting.min} to ${setting.max} (${setting.unit})`;
    case "choice":
      return `one of ${setting.allowed.join(", ")}`;
    case "port":
      return "a whole number from 0 to 65535 (port), or off";
    case "origins":
      return "origins like https://shop.example:8080, comma-separated, without paths, or *";
    case "secret":
      return "visible ASCII characters without spaces";
    case "text":
      return "text";
  }
}

function camelCase(key: string): string {
  return key.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
