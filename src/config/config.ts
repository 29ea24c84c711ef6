import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { envSchema } from "env-schema";
import { type Memory, memoryOfProcess } from "./memory.ts";
import type { Setting } from "./setting-kinds.ts";
import { type SettingKey, type SettingValue, settings } from "./settings.ts";
import { fitToMemory, type ShrinkingKey, type Shrinks } from "./sizing.ts";

type SettingValues = { readonly [Key in SettingKey]: SettingValue<(typeof settings)[Key]> };

type CamelCase<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Key>;

type Read = { readonly [Key in SettingKey as CamelCase<Key>]: SettingValues[Key] };

/** The settings in force, by their keys in camel case: `OTLP_GRPC_PORT` is `otlpGrpcPort`. */
export type Config = Omit<Read, "maxConnectionsPerClient"> & { readonly maxConnectionsPerClient: number };

/** A setting that the server cannot start with. Its message is one line for the person who set it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Variables = Readonly<Record<string, string | undefined>>;

export interface ConfigSources {
  /** @default process.env */
  readonly env?: Variables;
  /**
   * A file of `KEY=value` lines, which the environment overrides. It need not exist; false reads none.
   * @default ".env"
   */
  readonly file?: string | false;
  /** What the defaults of the bounds of memory must fit into. @default what this process can take */
  readonly memory?: Memory;
}

const table: Readonly<Record<SettingKey, Setting<unknown>>> = settings;
const settingKeys = Object.keys(table) as SettingKey[];

/**
 * Reads the settings from the file, the environment and the defaults. An empty value counts as unset.
 * @throws ConfigError naming the key, the value (never a secret one) and what is allowed
 */
export function loadConfig({
  env = process.env,
  file = ".env",
  memory = memoryOfProcess(),
}: ConfigSources = {}): Config {
  const written = { ...settingsIn(readVariables(file)), ...settingsIn(env) };
  const checked = check(written);
  const read = Object.fromEntries(
    settingKeys.map((key) => [camelCase(key), table[key].read(checked[key])]),
  ) as unknown as Read;
  const { maxConnections, maxConnectionsPerClient = Math.ceil(maxConnections / 2) } = read;
  const config: Config = Object.freeze({
    ...read,
    ...fitToMemory(read, shrinkingDefaults(written, read), memory),
    maxConnectionsPerClient,
  });
  refuseBoundsThatDoNotFit(config);
  refuseHalves(config);
  refuseSamePort(config);
  refuseEndpointThatDoesNotFit(config);
  refuseSameTopic(config);
  return config;
}

type Written = Partial<Record<SettingKey, string>>;

/** The settings among the variables, as written. */
function settingsIn(variables: Variables): Written {
  const found: Written = {};
  for (const key of settingKeys) {
    const value = variables[key]?.trim();
    if (value) found[key] = value;
  }
  return found;
}

/** Reads the variables of a file, which need not exist. */
export function readVariables(file: string | false): Variables {
  if (file === false) return {};
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      return {};
    }
    throw new ConfigError(`${file}: cannot be read: ${(cause as Error).message}`, { cause });
  }
}

type Checked = Readonly<Record<SettingKey, string | number | undefined>>;

/** Ajv compiles a schema once as long as it is the same object, and keeps what it has compiled for ever. */
const schema = {
  type: "object",
  properties: Object.fromEntries(settingKeys.map((key) => [key, table[key].schema])),
} as const;

/** Fills in the defaults and checks each value against the schema of its kind. */
function check(written: Written): Checked {
  const data = Object.fromEntries(
    Object.entries(written).map(([key, value]) => [
      key,
      table[key as SettingKey].normalize?.(value) ?? value,
    ]),
  );
  try {
    const checked: Checked = envSchema({ schema, data, env: false });
    for (const key of settingKeys) {
      const value = written[key];
      const isAccepted = value === undefined || table[key].accepts?.(value) !== false;
      if (!isAccepted) throw refusal(key, value, table[key].allowed);
    }
    return checked;
  } catch (cause) {
    const key = failedKey(cause);
    throw key === undefined ? cause : refusal(key, written[key], table[key].allowed, cause);
  }
}

/** Ajv's first error names the property in a JSON pointer: "/LOG_LEVEL". */
function failedKey(reason: unknown): SettingKey | undefined {
  const [first] = (reason as { errors?: readonly { instancePath?: string }[] }).errors ?? [];
  const key = first?.instancePath?.slice(1);
  return key !== undefined && key in table ? (key as SettingKey) : undefined;
}

/** The bounds of memory that are not set, and how far each may shrink. */
function shrinkingDefaults(written: Written, { maxReceiveMessageLength }: Read) {
  const defaults: Partial<Record<ShrinkingKey, Shrinks>> = {};
  for (const key of settingKeys) {
    const { shrinks } = table[key];
    if (shrinks === undefined || written[key] !== undefined) continue;
    const least = key === "MAX_INFLIGHT_BYTES" ? maxReceiveMessageLength : 0;
    defaults[camelCase(key) as ShrinkingKey] = { ...shrinks, least: Math.max(shrinks.least, least) };
  }
  return defaults;
}

/** Otherwise a request of the allowed size could never be read. */
function refuseBoundsThatDoNotFit({ maxInflightBytes, maxReceiveMessageLength }: Config): void {
  if (maxInflightBytes < maxReceiveMessageLength) {
    const allowed = `at least MAX_RECEIVE_MESSAGE_LENGTH (${maxReceiveMessageLength})`;
    throw refusal("MAX_INFLIGHT_BYTES", String(maxInflightBytes), allowed);
  }
}

/** Settings of which all of `needed` must be set when one of `when` is. */
interface Requirement {
  readonly needed: readonly SettingKey[];
  readonly when: readonly SettingKey[];
}

const forwardOtlpPair = ["FORWARD_OTLP_CERT_FILE", "FORWARD_OTLP_KEY_FILE"] as const;
const forwardOtlpTls = ["FORWARD_OTLP_CA_FILE", ...forwardOtlpPair] as const;
const forwardKafkaPair = ["FORWARD_KAFKA_CERT_FILE", "FORWARD_KAFKA_KEY_FILE"] as const;
const forwardKafkaLogin = ["FORWARD_KAFKA_SASL", "FORWARD_KAFKA_USERNAME", "FORWARD_KAFKA_PASSWORD"] as const;

/**
 * A server that was meant to speak TLS must not start in cleartext because one of the files is missing. Forwarding must
 * not go on without the header, the certificate or the login that was meant.
 */
const requirements: readonly Requirement[] = [
  {
    needed: ["TLS_CERT_FILE", "TLS_KEY_FILE"],
    when: ["TLS_CERT_FILE", "TLS_KEY_FILE", "TLS_CLIENT_CA_FILE"],
  },
  { needed: ["FORWARD_OTLP_ENDPOINT"], when: ["FORWARD_OTLP_HEADERS", ...forwardOtlpTls] },
  { needed: forwardOtlpPair, when: forwardOtlpPair },
  {
    needed: ["FORWARD_KAFKA_BROKERS"],
    when: ["FORWARD_KAFKA_TLS", "FORWARD_KAFKA_CA_FILE", ...forwardKafkaPair, ...forwardKafkaLogin],
  },
  { needed: forwardKafkaPair, when: forwardKafkaPair },
  { needed: forwardKafkaLogin, when: forwardKafkaLogin },
];

function refuseHalves(config: Config): void {
  for (const { needed, when } of requirements) {
    const reason = when.find((key) => isSet(config, key));
    const missing = needed.find((key) => !isSet(config, key));
    if (reason !== undefined && missing !== undefined) {
      throw new ConfigError(`${missing}: must be set, because ${reason} is`);
    }
  }
}

/** Whether the value says something, other than that there is nothing of the kind. */
function isSet(config: Config, key: SettingKey): boolean {
  const value = config[camelCase(key)];
  if (value === undefined || value === false || value === "none") return false;
  return typeof value !== "object" || value instanceof URL || Object.keys(value).length > 0;
}

function refuseEndpointThatDoesNotFit(config: Config): void {
  const { forwardOtlpEndpoint: url, forwardOtlpProtocol } = config;
  const forTls = forwardOtlpTls.find((key) => isSet(config, key));
  if (url?.protocol === "http:" && forTls !== undefined) {
    throw new ConfigError(`FORWARD_OTLP_ENDPOINT: must begin with https://, because ${forTls} is set`);
  }
  if (url !== undefined && url.pathname !== "/" && forwardOtlpProtocol === "grpc") {
    throw new ConfigError("FORWARD_OTLP_ENDPOINT: must have no path, because FORWARD_OTLP_PROTOCOL is grpc");
  }
}

/** A reader of a topic could not tell what its messages are. */
function refuseSameTopic(config: Config): void {
  const topics = [
    "FORWARD_KAFKA_TOPIC_TRACES",
    "FORWARD_KAFKA_TOPIC_LOGS",
    "FORWARD_KAFKA_TOPIC_METRICS",
    "FORWARD_KAFKA_TOPIC_PROFILES",
  ] as const;
  topics.forEach((key, i) => {
    const earlier = topics.slice(0, i).find((other) => config[camelCase(other)] === config[camelCase(key)]);
    if (earlier !== undefined) throw new ConfigError(`${key}: must not be the topic of ${earlier} too`);
  });
}

/** The second listener would find the port taken, by this very process. */
function refuseSamePort({ otlpGrpcPort, otlpHttpPort }: Config): void {
  if (otlpHttpPort === otlpGrpcPort && otlpGrpcPort !== 0) {
    const reason =
      "is the same as OTLP_GRPC_PORT, which takes OTLP/HTTP too: set it to off, or to another port";
    throw new ConfigError(`OTLP_HTTP_PORT: ${reason}`);
  }
}

function refusal(key: SettingKey, value: string | undefined, allowed: string, cause?: unknown): ConfigError {
  const shown = table[key].isSecret ? "the value given" : quoted(value);
  return new ConfigError(`${key}: ${shown} is not allowed, it must be ${allowed}`, { cause });
}

const longestShown = 200;

/** A value in quotes, in printable characters on one line, and not too long. */
function quoted(value = ""): string {
  const isLong = value.length > longestShown;
  const text = JSON.stringify(value.slice(0, longestShown));
  const printable = text.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return isLong ? `${printable}...` : printable;
}

function camelCase<Key extends string>(key: Key): CamelCase<Key> {
  return key.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<Key>;
}
