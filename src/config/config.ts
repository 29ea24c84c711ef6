import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { envSchema } from "env-schema";
import { type Setting, type SettingKey, type SettingValue, settings } from "./settings.ts";

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
    case "flag":
      return value === "true";
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
    case "flag":
      return { type: "string", enum: ["true", "false"], default: String(setting.default) };
    case "text":
      return { type: "string", default: setting.default };
  }
}

const caseless: ReadonlySet<Setting["kind"]> = new Set(["choice", "flag", "port"]);

/** What the variables say about settings of ours. Choices are taken in any letter case. */
function settingsIn(variables: Variables): Partial<Record<SettingKey, string>> {
  const found: Partial<Record<SettingKey, string>> = {};
  for (const key of settingKeys) {
    const value = variables[key]?.trim();
    if (value) {
      found[key] = caseless.has(settings[key].kind) ? value.toLowerCase() : value;
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
    case "flag":
      return "true or false";
    case "secret":
      return "visible ASCII characters without spaces";
    case "text":
      return "text";
  }
}

function camelCase(key: string): string {
  return key.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
