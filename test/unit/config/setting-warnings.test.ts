import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadConfig } from "../../../src/config/config.ts";
import { settingWarnings } from "../../../src/config/setting-warnings.ts";
import { settings } from "../../../src/config/settings.ts";

const file = "/nonexistent/.env";

function warningsOf(env: Record<string, string>): string[] {
  return settingWarnings(loadConfig({ env, file }), { env, file });
}

describe("a variable that is nearly a setting is warned of, with the setting that is meant:", () => {
  for (const [name, key] of [
    ["LOG_LEVL", "LOG_LEVEL"],
    ["log_level", "LOG_LEVEL"],
    ["MAX_CONECTION", "MAX_CONNECTIONS"],
    ["CORS_ORIGIN", "CORS_ORIGINS"],
    ["API_TOKENS", "API_TOKEN"],
  ] as const) {
    test(`the variable ${name} is warned of, with the setting that is meant`, () => {
      assert.deepEqual(warningsOf({ [name]: "secret" }), [`${name} is no setting of obsvty; ${key} is`]);
    });
  }
});

test("settings, and variables of other programs, are not warned of", () => {
  const env = Object.fromEntries(Object.keys(settings).map((key) => [key, ""]));
  const others = {
    PATH: "/bin",
    PORT: "80",
    OTEL_EXPORTER_OTLP_ENDPOINT: "x",
    npm_config_loglevel: "x",
    TLS: "1",
  };
  assert.deepEqual(warningsOf({ ...env, ...others }), []);
});

test("TLS_ALLOW_CLEARTEXT without TLS is warned of", () => {
  assert.deepEqual(warningsOf({ TLS_ALLOW_CLEARTEXT: "true" }), [
    "TLS_ALLOW_CLEARTEXT does nothing without TLS_CERT_FILE",
  ]);
});

test("header fields that are forwarded through a network without TLS are warned of, without their values", () => {
  const FORWARD_OTLP_HEADERS = "authorization=s3cret";
  for (const [url, isOdd] of [
    ["http://collector:4317", true],
    ["http://10.0.0.1:4317", true],
    ["https://collector:4317", false],
    ["http://localhost:4317", false],
    ["http://127.0.0.1:4317", false],
    ["http://[::1]:4317", false],
  ] as const) {
    const warnings = warningsOf({ FORWARD_OTLP_HEADERS, FORWARD_OTLP_ENDPOINT: url });
    const warning =
      "FORWARD_OTLP_HEADERS are sent without TLS, because FORWARD_OTLP_ENDPOINT begins with http://";
    assert.deepEqual(warnings, isOdd ? [warning] : [], url);
  }
});
