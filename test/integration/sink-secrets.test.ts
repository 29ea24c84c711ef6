import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { SettingKey } from "../../src/config/settings.ts";
import { encode, spansOf } from "../contract/store-requests.ts";
import { createAuthority } from "../support/certificates.ts";
import { FakeKafka } from "../support/fake-kafka.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import type { TestServer } from "../support/server.ts";
import { assertStartRefused } from "../support/server-process.ts";

const tokens = { INGEST_TOKEN: "s3cret-ingest", API_TOKEN: "s3cret-api" } as const;
const secret = /s3cret/;

async function get(server: TestServer, path: string): Promise<string> {
  const headers = { authorization: `Bearer ${tokens.API_TOKEN}` };
  return await (await fetch(`${server.url}${path}`, { headers })).text();
}

async function post(server: TestServer, token: string): Promise<{ status: number; text: string }> {
  const reply = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf", authorization: `Bearer ${token}` },
    body: new Uint8Array(encode("traces", spansOf(2))),
  });
  return { status: reply.status, text: await reply.text() };
}

/** Starts a server whose sink fails, and looks at everything that it says. */
async function assertSaysNoSecret(
  t: TestContext,
  settings: Partial<Record<SettingKey, string>>,
): Promise<void> {
  const all = { LOG_LEVEL: "trace", REQUEST_TIMEOUT_MS: "1000", ...tokens, ...settings };
  const server = await startObsvty(t, { settings: all });
  const replies = [await post(server, tokens.INGEST_TOKEN), await post(server, "s3cret-but-wrong")];
  await eventually("the sink fails", () => {
    const [sink] = server.core.handOn!.states();
    return sink!.signals.traces.lastFailure;
  });
  replies.push(await post(server, tokens.INGEST_TOKEN));
  assert.equal(replies[1]!.status, 401);
  const pages = await Promise.all(["/health", "/metrics", "/"].map((path) => get(server, path)));
  const wrong = await fetch(`${server.url}/metrics`, { headers: { authorization: "Bearer s3cret-too" } });
  const said = [
    JSON.stringify(server.logs),
    ...pages,
    await wrong.text(),
    ...replies.map(({ text }) => text),
  ];
  assert.match(said[0]!, /takes no items now|refused requests/);
  for (const text of said) assert.doesNotMatch(text, secret);
}

const headers = { FORWARD_OTLP_HEADERS: "authorization=Bearer%20s3cret-header,x-key=s3cret-key" };

describe("a server whose sink fails says no secret in its log, on its pages or in its answers:", () => {
  for (const protocol of ["grpc", "http/protobuf"] as const) {
    for (const policy of ["best-effort", "confirmed"] as const) {
      test(`no secret is shown when an endpoint does not know the token, by ${protocol}, ${policy}`, async (t) => {
        const upstream = await new OtlpUpstream(t, protocol).start();
        // It repeats what it was sent, as some do.
        upstream.answer = ({ headers: { authorization = "" } }) => ({
          ...(protocol === "grpc" ? { grpcStatus: 16 } : { httpStatus: 401 }),
          headers: { "grpc-message": `unknown: ${authorization}`, "x-error": authorization },
        });
        await assertSaysNoSecret(t, {
          ...headers,
          FORWARD_OTLP_ENDPOINT: upstream.url.href,
          FORWARD_OTLP_PROTOCOL: protocol,
          FORWARD_OTLP_POLICY: policy,
        });
        assert.match(String(upstream.received[0]!.headers.authorization), secret);
      });
    }

    test(`no secret is shown when an endpoint speaks no TLS, by ${protocol}`, async (t) => {
      const upstream = await new OtlpUpstream(t, protocol).start();
      const FORWARD_OTLP_ENDPOINT = upstream.url.href.replace("http:", "https:");
      await assertSaysNoSecret(t, { ...headers, FORWARD_OTLP_ENDPOINT, FORWARD_OTLP_PROTOCOL: protocol });
    });
  }

  for (const mechanism of ["plain", "scram-sha-512"] as const) {
    test(`no secret is shown when a Kafka does not know the password, by ${mechanism}`, async (t) => {
      const kafka = await new FakeKafka(t, { plain: { username: "shop", password: "another" } }).start();
      await assertSaysNoSecret(t, {
        FORWARD_KAFKA_BROKERS: `127.0.0.1:${kafka.broker.port}`,
        FORWARD_KAFKA_SASL: mechanism,
        FORWARD_KAFKA_USERNAME: "shop",
        FORWARD_KAFKA_PASSWORD: "s3cret-password",
      });
    });
  }

  test("no secret is shown when a Kafka's certificate is not trusted", async (t) => {
    const kafka = await new FakeKafka(t, { tls: createAuthority("an authority").issue("kafka") }).start();
    await assertSaysNoSecret(t, {
      FORWARD_KAFKA_BROKERS: `127.0.0.1:${kafka.broker.port}`,
      FORWARD_KAFKA_TLS: "true",
      FORWARD_KAFKA_SASL: "plain",
      FORWARD_KAFKA_USERNAME: "shop",
      FORWARD_KAFKA_PASSWORD: "s3cret-password",
    });
  });

  for (const endpoint of [
    "http://user:s3cret@localhost:4317",
    "https://s3cret@localhost:4317",
    "http://s3cret host",
  ]) {
    test(`no secret is shown when the start is refused with ${endpoint.replace(/s3cret/, "...")}`, async (t) => {
      const settings = { LOG_LEVEL: "trace", FORWARD_OTLP_ENDPOINT: endpoint };
      await assertStartRefused(t, settings, /^FORWARD_OTLP_ENDPOINT: the value given is not allowed/);
    });
  }
});
