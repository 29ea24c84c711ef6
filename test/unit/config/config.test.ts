import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { ConfigError, loadConfig } from "../../../src/config/config.ts";

const noFile = "/nonexistent/.env";

function envFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "obsvty-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, ".env");
  writeFileSync(file, text);
  return file;
}

describe("loadConfig", () => {
  it("the same port twice is refused, and the message says that one port takes both protocols", () => {
    const env = { OTLP_GRPC_PORT: "4318" };
    const reason =
      "is the same as OTLP_GRPC_PORT, which takes OTLP/HTTP too: set it to off, or to another port";
    assert.throws(() => loadConfig({ env, file: noFile }), new ConfigError(`OTLP_HTTP_PORT: ${reason}`));
    assert.equal(
      loadConfig({ env: { ...env, OTLP_HTTP_PORT: "off" }, file: noFile }).otlpHttpPort,
      undefined,
    );
    assert.equal(
      loadConfig({ env: { OTLP_GRPC_PORT: "0", OTLP_HTTP_PORT: "0" }, file: noFile }).otlpHttpPort,
      0,
    );
  });

  it("the settings have their documented defaults when nothing is set", () => {
    const memory = { process: 2 ** 40, heap: 2 ** 40 };
    assert.deepEqual(loadConfig({ env: {}, file: noFile, memory }), {
      otlpGrpcHost: "0.0.0.0",
      otlpGrpcPort: 4317,
      otlpHttpPort: 4318,
      reusePort: false,
      maxBufferSize: 10_000,
      maxBufferBytes: 268_435_456,
      maxReceiveMessageLength: 4_194_304,
      maxInflightBytes: 67_108_864,
      maxQueryBytes: 67_108_864,
      rateLimitMax: 5_000,
      rateLimitWindowMs: 1_000,
      validation: "lenient",
      logLevel: "info",
      logFormat: "auto",
      shutdownGraceMs: 10_000,
      ingestToken: undefined,
      apiToken: undefined,
      tlsCertFile: undefined,
      tlsKeyFile: undefined,
      tlsClientCaFile: undefined,
      tlsAllowCleartext: false,
      maxConnections: 1_024,
      maxConnectionsPerClient: 512,
      maxConcurrentStreams: 256,
      corsOrigins: [],
      maxConnectionAgeMs: 0,
      faultInjection: false,
      requestTimeoutMs: 15_000,
      firstCallTimeoutMs: 30_000,
      idleTimeoutMs: 600_000,
      forwardOtlpEndpoint: undefined,
      forwardOtlpProtocol: "grpc",
      forwardOtlpHeaders: {},
      forwardOtlpCompression: "gzip",
      forwardOtlpMaxBytes: 4_194_304,
      forwardOtlpCaFile: undefined,
      forwardOtlpCertFile: undefined,
      forwardOtlpKeyFile: undefined,
      forwardOtlpPolicy: "best-effort",
      forwardKafkaBrokers: [],
      forwardKafkaTopicTraces: "otlp_spans",
      forwardKafkaTopicLogs: "otlp_logs",
      forwardKafkaTopicMetrics: "otlp_metrics",
      forwardKafkaTopicProfiles: "otlp_profiles",
      forwardKafkaCompression: "none",
      forwardKafkaMaxBytes: 1_048_588,
      forwardKafkaTls: false,
      forwardKafkaCaFile: undefined,
      forwardKafkaCertFile: undefined,
      forwardKafkaKeyFile: undefined,
      forwardKafkaSasl: "none",
      forwardKafkaUsername: undefined,
      forwardKafkaPassword: undefined,
      forwardKafkaPolicy: "best-effort",
      forwardFile: undefined,
      forwardFileMaxBytes: 104_857_600,
      forwardFileMaxFiles: 10,
      forwardFilePolicy: "best-effort",
    });
  });

  for (const [env, message] of [
    [{ TLS_CERT_FILE: "a.pem" }, "TLS_KEY_FILE: must be set, because TLS_CERT_FILE is"],
    [{ TLS_KEY_FILE: "a.pem" }, "TLS_CERT_FILE: must be set, because TLS_KEY_FILE is"],
    [{ TLS_CLIENT_CA_FILE: "a.pem" }, "TLS_CERT_FILE: must be set, because TLS_CLIENT_CA_FILE is"],
  ] as const) {
    it(`${Object.keys(env)} alone is refused, so that TLS is never half set up`, () => {
      assert.throws(() => loadConfig({ env, file: noFile }), new ConfigError(message));
    });
  }

  it("the environment overrides .env, and .env the defaults", (t) => {
    const file = envFile(t, "MAX_BUFFER_SIZE=5\nOTLP_GRPC_PORT=1234\n");
    const config = loadConfig({ env: { OTLP_GRPC_PORT: "4000" }, file });
    assert.equal(config.maxBufferSize, 5);
    assert.equal(config.otlpGrpcPort, 4000);
  });

  it("an empty value counts as not set, in the environment and in .env", (t) => {
    const file = envFile(t, "MAX_BUFFER_SIZE=5\nRATE_LIMIT_MAX=\n");
    const config = loadConfig({ env: { MAX_BUFFER_SIZE: "", API_TOKEN: "" }, file });
    assert.equal(config.maxBufferSize, 5);
    assert.equal(config.rateLimitMax, 5_000);
    assert.equal(config.apiToken, undefined);
  });

  it("OTLP_HTTP_PORT is a port or off, in any letter case", () => {
    for (const [value, port] of [
      ["0", 0],
      ["65535", 65_535],
      ["Off", undefined],
    ] as const) {
      assert.equal(loadConfig({ env: { OTLP_HTTP_PORT: value }, file: noFile }).otlpHttpPort, port);
    }
  });

  it("OTLP_GRPC_HOST is an IPv6 address with or without brackets, or a host name", () => {
    for (const [value, host] of [
      ["[::]", "::"],
      ["::1", "::1"],
      ["[fe80::1%eth0]", "fe80::1%eth0"],
      ["::ffff:127.0.0.1", "::ffff:127.0.0.1"],
      ["127.0.0.1", "127.0.0.1"],
      ["my-host.example", "my-host.example"],
    ] as const) {
      assert.equal(loadConfig({ env: { OTLP_GRPC_HOST: value }, file: noFile }).otlpGrpcHost, host);
    }
  });

  it("CORS_ORIGINS has several origins, with spaces between them", () => {
    const env = { CORS_ORIGINS: " https://shop.example , http://localhost:8080" };
    assert.deepEqual(loadConfig({ env, file: noFile }).corsOrigins, [
      "https://shop.example",
      "http://localhost:8080",
    ]);
  });

  it("settings take true and false in any letter case", () => {
    for (const [value, isOn] of [
      ["TRUE", true],
      ["False", false],
    ] as const) {
      assert.equal(loadConfig({ env: { FAULT_INJECTION: value }, file: noFile }).faultInjection, isOn);
    }
  });

  it("one client may have half of the connections, rounded up, unless it is set otherwise", () => {
    for (const [env, share] of [
      [{ MAX_CONNECTIONS: "1" }, 1],
      [{ MAX_CONNECTIONS: "7" }, 4],
      [{ MAX_CONNECTIONS: "7", MAX_CONNECTIONS_PER_CLIENT: "7" }, 7],
    ] as const) {
      assert.equal(loadConfig({ env, file: noFile }).maxConnectionsPerClient, share);
    }
  });

  it("settings take choices in any letter case", () => {
    const config = loadConfig({ env: { LOG_LEVEL: "WARN", LOG_FORMAT: "Json" }, file: noFile });
    assert.equal(config.logLevel, "warn");
    assert.equal(config.logFormat, "json");
  });

  const bad: readonly [string, string, string][] = [
    ["OTLP_GRPC_HOST", "0.0.0.0:4317", "a host name or an IP address, without a port"],
    ["OTLP_GRPC_HOST", "[::1]:4317", "a host name or an IP address, without a port"],
    ["OTLP_GRPC_HOST", "http://localhost", "a host name or an IP address, without a port"],
    ["OTLP_GRPC_PORT", "70000", "a whole number from 0 to 65535 (port)"],
    ["OTLP_GRPC_PORT", "http", "a whole number from 0 to 65535 (port)"],
    ["OTLP_HTTP_PORT", "65536", "a whole number from 0 to 65535 (port), or off"],
    ["OTLP_HTTP_PORT", "on", "a whole number from 0 to 65535 (port), or off"],
    [
      "CORS_ORIGINS",
      "shop.example",
      "origins like https://shop.example:8080, comma-separated, without paths, or *",
    ],
    [
      "CORS_ORIGINS",
      "https://a/,*",
      "origins like https://shop.example:8080, comma-separated, without paths, or *",
    ],
    ["MAX_BUFFER_SIZE", "1.5", "a whole number from 1 to 10000000 (items)"],
    ["MAX_BUFFER_BYTES", "65535", "a whole number from 65536 to 3221225472 (bytes)"],
    ["MAX_BUFFER_BYTES", "3221225473", "a whole number from 65536 to 3221225472 (bytes)"],
    ["MAX_RECEIVE_MESSAGE_LENGTH", "67108865", "a whole number from 1 to 67108864 (bytes)"],
    ["MAX_CONNECTIONS", "Infinity", "a whole number from 1 to 1000000 (connections)"],
    ["MAX_CONNECTIONS_PER_CLIENT", "-Infinity", "a whole number from 1 to 1000000 (connections)"],
    ["RATE_LIMIT_MAX", "-1", "a whole number from 0 to 1000000000 (requests)"],
    ["LOG_LEVEL", "LOUD", "one of trace, debug, info, warn, error, fatal, silent"],
    ["FAULT_INJECTION", "yes", "true or false"],
    ["MAX_INFLIGHT_BYTES", "1", "at least MAX_RECEIVE_MESSAGE_LENGTH (4194304)"],
  ];
  for (const [key, value, allowed] of bad) {
    it(`${key}=${value} is refused in one line that says what is allowed`, () => {
      assert.throws(
        () => loadConfig({ env: { [key]: value }, file: noFile }),
        new ConfigError(`${key}: ${JSON.stringify(value)} is not allowed, it must be ${allowed}`),
      );
    });
  }

  for (const [what, value, shown] of [
    ["control characters escaped", "\u001b[2J\u0085\u2028\u007f", '"\\u001b[2J\\u0085\\u2028\\u007f"'],
    ["its first 200 characters", "9".repeat(400), `"${"9".repeat(200)}"...`],
  ] as const) {
    it(`a bad value of a setting is refused with ${what}`, () => {
      assert.throws(
        () => loadConfig({ env: { MAX_BUFFER_SIZE: value }, file: noFile }),
        (error: Error) => error.message.startsWith(`MAX_BUFFER_SIZE: ${shown} is not allowed`),
      );
    });
  }

  for (const [key, value] of [
    ["INGEST_TOKEN", "se cret"],
    ["API_TOKEN", "se cret"],
    ["FORWARD_OTLP_HEADERS", "authorization"],
    ["FORWARD_OTLP_HEADERS", "authorization=s%cret"],
    ["FORWARD_OTLP_HEADERS", "authorization=%00cret"],
    ["FORWARD_OTLP_HEADERS", "Content-Type=cret"],
    ["FORWARD_OTLP_HEADERS", "a=b,grpc-timeout=cret"],
    ["FORWARD_OTLP_HEADERS", "obsvty-via=cret"],
    ["FORWARD_OTLP_ENDPOINT", "http://user:secret@localhost:4317"],
    ["FORWARD_OTLP_ENDPOINT", "http://localhost:4317?token=secret"],
    ["FORWARD_OTLP_ENDPOINT", "localhost:4317"],
    ["FORWARD_OTLP_ENDPOINT", "ftp://localhost"],
    ["FORWARD_OTLP_ENDPOINT", "http://localhost:99999"],
    ["FORWARD_OTLP_ENDPOINT", "http://999.999.999.999"],
  ] as const) {
    it(`${key}=${value} is refused without showing the value`, () => {
      assert.throws(
        () => loadConfig({ env: { [key]: value }, file: noFile }),
        (error: Error) =>
          error instanceof ConfigError &&
          error.message.startsWith(`${key}: the value given is not allowed`) &&
          !error.message.includes(value) &&
          !/cret|localhost:/.test(error.message),
      );
    });
  }

  it("FORWARD_OTLP_ENDPOINT takes URLs with a port, a path or an IPv6 address", () => {
    const env = { FORWARD_OTLP_PROTOCOL: "http/protobuf" };
    for (const url of [
      "http://localhost:4318/",
      "https://otlp.example/",
      "https://otlp.example/v2/otlp",
      "http://[::1]:4318/",
    ]) {
      const config = loadConfig({ env: { ...env, FORWARD_OTLP_ENDPOINT: url }, file: noFile });
      assert.equal(config.forwardOtlpEndpoint?.href, url);
    }
  });

  it("FORWARD_OTLP_HEADERS takes header fields as OpenTelemetry's exporters do", () => {
    const env = {
      FORWARD_OTLP_ENDPOINT: "http://localhost:4317",
      FORWARD_OTLP_HEADERS: "Authorization=Bearer%20a%3Db== , x-tenant=shop,empty=",
    };
    assert.deepEqual(loadConfig({ env, file: noFile }).forwardOtlpHeaders, {
      authorization: "Bearer a=b==",
      "x-tenant": "shop",
      empty: "",
    });
  });

  const endpointUrl = { FORWARD_OTLP_ENDPOINT: "http://localhost:4317" };
  const httpsUrl = { FORWARD_OTLP_ENDPOINT: "https://localhost:4317" };
  for (const [env, message] of [
    [{ FORWARD_OTLP_HEADERS: "a=b" }, "FORWARD_OTLP_ENDPOINT: must be set, because FORWARD_OTLP_HEADERS is"],
    [
      { FORWARD_OTLP_CA_FILE: "a.pem" },
      "FORWARD_OTLP_ENDPOINT: must be set, because FORWARD_OTLP_CA_FILE is",
    ],
    [
      { ...httpsUrl, FORWARD_OTLP_CERT_FILE: "a.pem" },
      "FORWARD_OTLP_KEY_FILE: must be set, because FORWARD_OTLP_CERT_FILE is",
    ],
    [
      { ...endpointUrl, FORWARD_OTLP_CA_FILE: "a.pem" },
      "FORWARD_OTLP_ENDPOINT: must begin with https://, because FORWARD_OTLP_CA_FILE is set",
    ],
    [
      { FORWARD_OTLP_ENDPOINT: "http://localhost:4317/v1" },
      "FORWARD_OTLP_ENDPOINT: must have no path, because FORWARD_OTLP_PROTOCOL is grpc",
    ],
  ] as const) {
    it(`forwarding that is half set up is refused: ${message}`, () => {
      assert.throws(() => loadConfig({ env, file: noFile }), new ConfigError(message));
    });
  }
});
