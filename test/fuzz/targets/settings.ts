import assert from "node:assert/strict";
import { type Config, ConfigError, loadConfig } from "../../../src/config/config.ts";
import type { Setting } from "../../../src/config/setting-kinds.ts";
import { type SettingKey, settings } from "../../../src/config/settings.ts";
import { mutateBytes } from "../../support/mutate.ts";
import type { Random } from "../../support/random.ts";
import type { FuzzTarget } from "../fuzz-target.ts";

const table: Readonly<Record<SettingKey, Setting<unknown>>> = settings;
const [firstKey, ...otherKeys] = Object.keys(settings) as [SettingKey, ...SettingKey[]];
const memory = { process: 2 ** 40, heap: 2 ** 40 };
const secret = "s3cr3t";

const values = [
  "",
  " ",
  "0",
  "00",
  "-1",
  "+1",
  " 7 ",
  "1.5",
  "1e3",
  "0x10",
  "١٢",
  "Infinity",
  "NaN",
  "9".repeat(400),
  "true",
  "TRUE",
  "yes",
  "Off",
  "STRICT",
  "[::1]",
  "fe80::1%eth0",
  "localhost:1",
  "https://a.example,http://b.example:8080",
  "https://a.example/",
  "*",
  `${secret} with a space`,
  secret,
  "\u001b[2J\u0085\u2028\u007f",
  "\r\nLOG_LEVEL=loud",
  "__proto__",
] as const;

/**
 * Damaged settings: they are read to values within their bounds, or refused by one printable line that names the key
 * and shows no secret.
 */
export function openTarget(): FuzzTarget {
  return {
    make(random) {
      const env = Object.fromEntries(Array.from({ length: 1 + random.below(2) }, () => anySetting(random)));
      return Buffer.from(JSON.stringify(env));
    },
    check(input) {
      const env = JSON.parse(Buffer.from(input).toString()) as Record<string, string>;
      let config: Config;
      try {
        config = loadConfig({ env, file: "/nonexistent/.env", memory });
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
        assertRefusal(error.message, env);
        return "refused";
      }
      for (const [key, { allowed }] of Object.entries(table)) assertAllowed(allowed, settingOf(config, key));
      return "read";
    },
    verdicts: ["read", "refused"],
  };
}

function anySetting(random: Random): readonly [key: string, value: string] {
  const key = random.pick([firstKey, ...otherKeys]);
  const bounds = [...table[key].allowed.matchAll(/\d+/g)].map(([bound]) => BigInt(bound));
  const near = bounds.flatMap((bound) => [bound - 1n, bound, bound + 1n]).map(String);
  const value = random.pick([table[key].default, random.pick(values), ...near]);
  if (random.below(4) > 0) return [key, value];
  return [key, Buffer.from(mutateBytes(Buffer.from(value), random)).toString()];
}

function assertRefusal(message: string, env: Readonly<Record<string, string>>): void {
  assert.ok(message.length < 1_500, `${message.length} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
  assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  assert.match(message, new RegExp(`^(?:${otherKeys.join("|")}|${firstKey}): `));
  const refused = message.split(":", 1).join() as SettingKey;
  // Short values are found in the words of the message.
  const value = env[refused] ?? "";
  if (table[refused].isSecret && value.length > 8) assert.ok(!message.includes(value), message);
  assert.ok(!table[refused].isSecret || !message.includes(secret), message);
}

function settingOf(config: Config, key: string): unknown {
  const camelCase = key.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  assert.ok(camelCase in config, key);
  return config[camelCase as keyof Config];
}

/** @param allowed as it is documented */
function assertAllowed(allowed: string, value: unknown): void {
  const [, min, max] = /^a whole number from (\d+) to (\d+)/.exec(allowed) ?? [];
  const [, words] = /^one of (.+)$/.exec(allowed) ?? [];
  if (min !== undefined) {
    const isOff = allowed.endsWith(", or off") && value === undefined;
    assert.ok(
      isOff || (Number.isInteger(value) && Number(value) >= Number(min) && Number(value) <= Number(max)),
    );
  } else if (words !== undefined) {
    assert.ok(words.split(", ").includes(String(value)), String(value));
  } else if (allowed === "true or false") {
    assert.equal(typeof value, "boolean");
  } else if (Array.isArray(value)) {
    for (const each of value) assertListed(each);
  } else if (typeof value === "object") {
    for (const [name, text] of Object.entries(value ?? {})) {
      assert.match(name, /^[a-z0-9!#$%&'*+.^_`|~-]+$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
      assert.doesNotMatch(text, /[\u0000-\u001f\u007f]/);
    }
  } else {
    assert.ok(value === undefined || (typeof value === "string" && value.trim() === value && value !== ""));
  }
}

/** An element of a setting that is a list: an origin, or a broker. */
function assertListed(value: string | { readonly host: string; readonly port: number }): void {
  if (typeof value === "string") {
    assert.match(value, /^(?:\*|[a-z-]+:\/\/[^/,\s*]+)$/);
  } else {
    assert.match(value.host, /^[^/,\s@]+$/);
    assert.ok(Number.isInteger(value.port) && value.port >= 1 && value.port <= 65_535, String(value.port));
  }
}
