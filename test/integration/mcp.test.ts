import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Span_SpanKind } from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { ReadingResources } from "../../src/adapters/inbound/body/body-reader.ts";
import { logsWith, metricsOf, spansOf, spansWith } from "../contract/store-requests.ts";
import { main, processEnv, runHere } from "../support/cli.ts";
import { send } from "../support/ingest.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { connectRaw, type TestServer } from "../support/server.ts";

const versions = ["2026-07-28", "2025-11-25"] as const;
type Version = (typeof versions)[number];

function clientOf(version: Version): Client {
  const mode = version === "2025-11-25" ? "legacy" : { pin: version };
  return new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
}

async function connected(t: TestContext, { url }: Pick<TestServer, "url">, version: Version = versions[0]) {
  const client = clientOf(version);
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  t.after(() => client.close());
  return client;
}

async function callText(client: Client, name: string, args: object = {}): Promise<string> {
  const { content } = await client.callTool({ name, arguments: { ...args } });
  const [first] = content as { readonly text?: string }[];
  return String(first?.text);
}

const traceId = /trace_?[iI]d"?:"([0-9a-f]{32})/;

for (const version of versions) {
  describe(`the official client in version ${version}`, () => {
    for (const way of ["HTTP", "obsvty mcp"] as const) {
      test(`the official client in version ${version} lists and calls the tools over ${way}`, async (t) => {
        const server = await startObsvty(t);
        send(server, "traces", spansOf(3));
        send(server, "metrics", metricsOf(2));
        const client = way === "HTTP" ? await connected(t, server, version) : clientOf(version);
        if (way === "obsvty mcp") {
          const env = processEnv({ OBSVTY_ENDPOINT: server.url }) as Record<string, string>;
          const transport = new StdioClientTransport({ command: process.execPath, args: [main, "mcp"], env });
          await client.connect(transport);
          t.after(() => client.close());
        }
        assert.equal(client.getNegotiatedProtocolVersion(), version);
        const { tools } = await client.listTools();
        assert.deepEqual(
          tools.map(({ name }) => name),
          [
            "overview",
            "search_traces",
            "trace_outline",
            "span_details",
            "search_logs",
            "query_metrics",
            "wait_for",
          ],
        );
        assert.match(await callText(client, "overview"), /3 spans/);
        const found = await callText(client, "search_traces", { name_contains: "SPAN", since: "10000d" });
        const [, id = ""] = traceId.exec(found) ?? [];
        const without = {
          without: [{ attributes: { none: "x" } }, { name_contains: "SPAN", since: "10000d" }],
        };
        assert.match(await callText(client, "search_traces", without), /^0 traces match/);
        assert.match(await callText(client, "trace_outline", { trace_id: id }), /3 spans, \d errors\n/);
        assert.match(await callText(client, "span_details", { trace_id: id, limit: 1 }), /^1 spans/);
      });
    }
  });
}

test("a tool of /mcp names an argument that is wrong, and what is not there", async (t) => {
  const client = await connected(t, await startObsvty(t));
  const refused = await client.callTool({ name: "trace_outline", arguments: { trace_id: "12" } });
  assert.ok(refused.isError);
  assert.match(JSON.stringify(refused.content), /trace_id: a trace id is 32 hex digits/);
  assert.match(await callText(client, "trace_outline", { trace_id: "1".repeat(32) }), /no span of trace/);
  assert.match(await callText(client, "search_logs", { since: "yesterday" }), /since: a time looks like/);
  assert.match(await callText(client, "search_logs", { where: "nosuch > 1" }), /where: .*nosuch/);
});

describe("a call of /mcp with wrong arguments says which, and what they may be:", () => {
  for (const [tool, args, message] of [
    [
      "search_traces",
      { status: "x" },
      "status: is no argument here; there are service, name, name_contains, ",
    ],
    ["search_traces", { status_code: "error" }, "status_code: must be one of STATUS_CODE_UNSET, "],
    ["search_traces", { span_kind: "server" }, "span_kind: must be one of SPAN_KIND_INTERNAL, "],
    ["query_metrics", { name: "m", type: "gauge" }, "type: must be one of METRIC_TYPE_GAUGE, "],
    ["search_traces", { without: {} }, "without: must be a list"],
    ["search_traces", { without: Array(33).fill({}) }, "without: must be a list of at most 32"],
    [
      "search_traces",
      { without: [{ user: "u1" }] },
      "without[0].user: is no argument here; there are service, ",
    ],
    [
      "search_traces",
      { without: [{ min_duration: "5" }] },
      'without[0].min_duration: a duration looks like "10ms"',
    ],
    ["search_logs", { limit: "3" }, "limit: must be a whole number from 1 to 1000"],
    ["search_logs", { limit: 0.5 }, "limit: must be a whole number from 1 to 1000"],
    ["search_logs", { max_tokens: 10 }, "max_tokens: must be a whole number from 500 to 25000"],
    ["search_logs", { attributes: { "cart.id": 3 } }, "attributes.cart.id: must be a string"],
    ["search_logs", { attributes: [] }, "attributes: must be an object"],
    ["search_logs", { where: 1 }, "where: must be a string"],
    ["trace_outline", {}, "trace_id: is required"],
    ["span_details", { span_ids: ["0".repeat(16)] }, "trace_id: is required with span_ids"],
    ["span_details", { span_ids: "1" }, "span_ids: must be a list"],
    ["span_details", { span_ids: [1], trace_id: "1" }, "span_ids[0]: must be a string"],
    ["span_details", { span_ids: Array(101).fill("1") }, "span_ids: must be a list of at most 100"],
    ["span_details", { span_ids: ["1"], trace_id: "1", name: "x" }, "name: is not taken with span_ids"],
    ["wait_for", { kind: "span" }, "kind: must be one of spans, logs, metrics"],
    ["wait_for", { kind: "logs", name: "x" }, "name: is not taken with kind logs"],
    [
      "wait_for",
      { kind: "metrics", span_kind: "SPAN_KIND_SERVER" },
      "span_kind: is not taken with kind metrics",
    ],
    ["wait_for", { kind: "logs", timeout_seconds: 51 }, "timeout_seconds: must be a number from 0 to 50"],
  ] as const) {
    test(`a call of ${tool} with ${JSON.stringify(args).slice(0, 60)} is refused with: ${message}`, async (t) => {
      const client = await connected(t, await startObsvty(t));
      const { isError, content } = await client.callTool({ name: tool, arguments: args });
      assert.ok(isError);
      const [first] = content as { readonly text: string }[];
      assert.ok(first?.text.includes(message), String(first?.text));
    });
  }
});

test("the tools of /mcp find spans by their kind, leave traces out by it, and find data points by their type", async (t) => {
  const server = await startObsvty(t);
  const kind = Span_SpanKind.CLIENT;
  send(server, "traces", spansWith({ traceId: Buffer.alloc(16, 1), kind }, { traceId: Buffer.alloc(16, 2) }));
  send(server, "metrics", metricsOf(2));
  const client = await connected(t, server);
  const lines = async (tool: string, args: object) => (await callText(client, tool, args)).split("\n")[0];
  const span_kind = "SPAN_KIND_CLIENT";
  assert.equal(await lines("span_details", { span_kind }), "1 spans, the newest last:");
  assert.equal(await lines("search_traces", { span_kind }), "1 traces, the newest last:");
  assert.equal(await lines("search_traces", { without: [{ span_kind }] }), "1 traces, the newest last:");
  assert.equal(await lines("search_traces", { span_kind, without: [{ span_kind }] }), "0 traces match");
  const wait = { kind: "spans", timeout_seconds: 0 };
  assert.equal(await lines("wait_for", { ...wait, span_kind }), "1 spans matched");
  const points = { kind: "metrics", timeout_seconds: 0 };
  assert.equal(await lines("wait_for", { ...points, type: "METRIC_TYPE_GAUGE" }), "1 metrics matched");
  assert.match(
    String(await lines("wait_for", { ...points, type: "METRIC_TYPE_SUMMARY" })),
    /failed on type; it is:$/,
  );
});

test("wait_for in vain shows the item that came nearest", async (t) => {
  const server = await startObsvty(t);
  send(server, "traces", spansOf(3));
  const client = await connected(t, server);
  const args = { kind: "spans", service: "shop", name: "span 7", timeout_seconds: 0 };
  const { isError, content } = await client.callTool({ name: "wait_for", arguments: args });
  const [first] = content as { readonly text: string }[];
  const [told = "", nearest = "", ...rest] = String(first?.text).split("\n");
  assert.ok(isError);
  assert.equal(told, "0 of 1 spans matched within 0 ms; the nearest miss failed on name; it is:");
  assert.equal(JSON.parse(nearest).name, "span 2");
  assert.deepEqual(rest, []);
});

for (const version of versions) {
  test(`a call of /mcp in version ${version} prints nothing beside the log`, async (t) => {
    const warn = t.mock.method(console, "warn", () => {});
    const client = await connected(t, await startObsvty(t), version);
    assert.match(await callText(client, "overview"), /Nothing is held/);
    assert.deepEqual(warn.mock.calls, []);
  });
}

test("overview says what it leaves out, and can be narrowed to a service or to a part of names", async (t) => {
  const server = await startObsvty(t);
  send(server, "traces", spansWith(...Array.from({ length: 40 }, (_, i) => ({ name: `operation ${i}.` }))));
  send(server, "metrics", metricsOf(5));
  const client = await connected(t, server);
  const all = await callText(client, "overview");
  assert.match(all, /- and 10 more operations with 10 spans: call overview with service or name_contains\n/);
  const one = await callText(client, "overview", { service: "shop", name_contains: "Operation 39." });
  assert.match(one, /^- shop operation 39\.: 1 spans/m);
  assert.doesNotMatch(one, /operation 1|services:|more/);
  const none = await callText(client, "overview", { service: "nobody" });
  assert.match(none, /example trace:\nmetrics:\ncursor/);
});

test("overview tells the time of the spans that are held, and how to send while nothing is held", async (t) => {
  const server = await startObsvty(t);
  const client = await connected(t, server);
  assert.match(await callText(client, "overview"), /^Nothing is held\. .*OTEL_EXPORTER_OTLP_ENDPOINT/);
  send(server, "traces", spansOf(3));
  const time = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z";
  assert.match(
    await callText(client, "overview"),
    new RegExp(`^now: ${time}; spans started from ${time} to ${time}\nservices:\n- shop: `),
  );
});

test("answers of /mcp are at most 8,000 tokens, say what is left out, and cut long values with their length", async (t) => {
  const server = await startObsvty(t);
  for (let i = 0; i < 300; i++) {
    send(
      server,
      "logs",
      logsWith({ body: { value: { case: "stringValue", value: `${i} ${"x".repeat(2_000)}` } } }),
    );
  }
  const client = await connected(t, server);
  const answer = await callText(client, "search_logs", { limit: 1_000 });
  assert.ok(answer.length <= 32_000, String(answer.length));
  assert.match(answer, /"299 x+\.\.\. \(2004 characters\)"/);
  const [, before = ""] = /older ones: before: (\S+)/.exec(answer) ?? [];
  const older = await callText(client, "search_logs", { limit: 1, before });
  const oldest = Number(/"(\d+) x/.exec(answer)?.[1]);
  assert.match(older, new RegExp(`"${oldest - 1} x`));
  assert.ok((await callText(client, "search_logs", { limit: 1_000, max_tokens: 500 })).length <= 2_000);
});

test("query_metrics tells a metric over time, and leaves out early values where they do not fit", async (t) => {
  const server = await startObsvty(t);
  const start = 1_795_428_000n;
  const dataPoints = Array.from({ length: 500 }, (_, i) => ({
    timeUnixNano: String((start + BigInt(i)) * 1_000_000_000n),
    asInt: String(i),
    attributes: [{ key: "queue", value: { stringValue: "orders" } }],
  }));
  const metrics = [{ name: "shop.waiting", unit: "1", gauge: { dataPoints } }];
  const answer = await fetch(`${server.url}/v1/metrics`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }),
  });
  assert.equal(answer.status, 200);
  const client = await connected(t, server);
  const args = { name: "shop.waiting", group_by: ["queue"], step: "1s" };
  const all = await callText(client, "query_metrics", args);
  assert.match(all, /^shop\.waiting \(gauge, 1\): value, step 1s\n- queue=orders:.* \S+=498 \S+=499$/);
  const some = await callText(client, "query_metrics", { ...args, max_tokens: 500 });
  assert.ok(some.length <= 2_000, String(some.length));
  assert.match(some, /\(4\d\d earlier values left out: take a longer step\).*=499$/);
  for (const groupBy of [["attributes.queue"], ["service,queue"], ["service, attributes.queue"]]) {
    const grouped = await callText(client, "query_metrics", { ...args, group_by: groupBy });
    assert.match(grouped, /\n- (service= )?queue=orders:.* \S+=499$/, groupBy.join());
  }
  const twice = await client.callTool({
    name: "query_metrics",
    arguments: { ...args, group_by: ["queue,attributes.queue"] },
  });
  assert.match(JSON.stringify(twice.content), /group_by\[1\]: must not be given twice/);
  const none = await client.callTool({ name: "query_metrics", arguments: { name: "no.such" } });
  assert.ok(none.isError);
});

test("the outline of a large trace has its root, and says how many spans are left out", async (t) => {
  const server = await startObsvty(t);
  const id = "5b8efff798038103d269b633813fc60c";
  const spans = Array.from({ length: 2_000 }, (_, i) => ({
    traceId: id,
    spanId: (i + 1).toString(16).padStart(16, "0"),
    parentSpanId: i === 1_999 ? "" : (2_000).toString(16).padStart(16, "0"),
    name: i === 1_999 ? "the root" : `child ${i}`,
    startTimeUnixNano: String(1_795_428_000_000_000_000n + BigInt(i)),
    endTimeUnixNano: String(1_795_428_001_000_000_000n),
  }));
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
  });
  assert.equal(answer.status, 200);
  const outline = await callText(await connected(t, server), "trace_outline", { trace_id: id });
  assert.ok(outline.length <= 32_000, String(outline.length));
  assert.match(outline, /2000 spans, 0 errors\nthe root /);
  const [, left] = /\n(\d+) spans further from the root are left out/.exec(outline) ?? [];
  assert.equal(outline.match(/^ {2}child/gm)?.length, 1_999 - Number(left));
});

test("wait_for ends as soon as an item arrives, and else says what is missing", async (t) => {
  const server = await startObsvty(t);
  const client = await connected(t, server);
  const waiting = callText(client, "wait_for", { kind: "spans", name_contains: "span" });
  await eventually("it waits", () => server.core.reader.watching() === 1 || undefined);
  send(server, "traces", spansOf(1));
  assert.match(await waiting, /^1 spans matched\n\{/);
  const vain = await client.callTool({ name: "wait_for", arguments: { kind: "logs", timeout_seconds: 0 } });
  assert.ok(vain.isError);
  assert.match(JSON.stringify(vain.content), /0 of 1 log records matched/);
  const long = await client.callTool({ name: "wait_for", arguments: { kind: "logs", timeout_seconds: 51 } });
  assert.ok(long.isError);
});

test("wait_for ends when its caller goes away and when the server stops", async (t) => {
  const server = await startObsvty(t);
  const client = await connected(t, server);
  const leaving = new AbortController();
  const left = client.callTool(
    { name: "wait_for", arguments: { kind: "spans" } },
    { signal: leaving.signal },
  );
  await eventually("it waits", () => server.core.reader.watching() === 1 || undefined);
  leaving.abort();
  await assert.rejects(left);
  await eventually("it has ended", () => server.core.reader.watching() === 0 || undefined);
  const stopped = client.callTool({ name: "wait_for", arguments: { kind: "spans" } }).catch(() => {});
  await eventually("it waits", () => server.core.reader.watching() === 1 || undefined);
  const closed = server.close();
  await eventually("it has ended", () => server.core.reader.watching() === 0 || undefined);
  await Promise.all([stopped, closed]);
});

describe("who may read is asked at /mcp too:", () => {
  const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
  const post = ({ url }: Pick<TestServer, "url">, headers: Record<string, string>, body = list) =>
    fetch(`${url}/mcp`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body,
    });

  test("a page of another origin is refused at /mcp with 403, one of the server's own is not", async (t) => {
    const server = await startObsvty(t);
    for (const origin of ["http://evil.example", "null", "http://localhost:1"]) {
      assert.equal((await post(server, { origin })).status, 403, origin);
    }
    assert.equal((await post(server, { origin: server.url })).status, 200);
    assert.equal((await post(server, {})).status, 200);
  });

  test("/mcp needs API_TOKEN when that is set, and obsvty mcp sends it", async (t) => {
    const server = await startObsvty(t, { settings: { API_TOKEN: "secret-token-1234" } });
    assert.equal((await post(server, {})).status, 401);
    assert.equal((await post(server, { authorization: "Bearer secret-token-1234" })).status, 200);
    const refused = await runHere(server, ["mcp"], { stdin: `${list}\n` });
    assert.match(
      refused.stdout,
      /"id":1,"error":\{"code":-32000,"message":"\S+ answered 401: a bearer token/,
    );
    const env = { API_TOKEN: "secret-token-1234" };
    assert.match((await runHere(server, ["mcp"], { stdin: `${list}\n`, env })).stdout, /"overview"/);
  });

  test("a request to /mcp that is too large, not JSON or of another method is refused", async (t) => {
    const server = await startObsvty(t);
    assert.equal((await post(server, {}, " ".repeat(70_000))).status, 413);
    assert.equal((await post(server, {}, "{")).status, 400);
    const got = await fetch(`${server.url}/mcp`);
    assert.deepEqual([got.status, got.headers.get("allow")], [405, "POST"]);
    assert.deepEqual((await query(server, "GetStats")).sinks, {});
  });
});

describe("the body of a call of /mcp is read within the bounds of all bodies:", () => {
  const head = (length: number) =>
    `POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: ${length}\r\n\r\n`;

  test("the bytes of bodies of /mcp count as in flight, and are released when they end", async (t) => {
    const server = await startObsvty(t, {
      settings: { MAX_RECEIVE_MESSAGE_LENGTH: "60000", MAX_INFLIGHT_BYTES: "60000" },
    });
    const inFlight = () => server.app.getDecorator<ReadingResources>("bodies").inflight.held;
    const first = connectRaw(t, server);
    first.socket.write(head(50_000) + " ".repeat(40_000));
    await eventually("the bytes count", () => inFlight() === 40_000 || undefined);
    const second = connectRaw(t, server);
    second.socket.write(head(50_000) + " ".repeat(40_000));
    assert.match(await second.received(/\r\n\r\n/), /^HTTP\/1\.1 503 /);
    await eventually("they are released", () => inFlight() === 40_000 || undefined);
    first.socket.destroy();
    await eventually("they are released", () => inFlight() === 0 || undefined);
  });

  test("the bytes of a call of /mcp count as in flight until it is answered", async (t) => {
    const server = await startObsvty(t);
    const inFlight = () => server.app.getDecorator<ReadingResources>("bodies").inflight.held;
    const client = await connected(t, server);
    const waiting = callText(client, "wait_for", { kind: "spans" });
    await eventually("it waits", () => server.core.reader.watching() === 1 || undefined);
    assert.ok(inFlight() > 100);
    send(server, "traces", spansOf(1));
    await waiting;
    await eventually("they are released", () => inFlight() === 0 || undefined);
  });

  test("a body of /mcp that is not sent in time is answered 408", async (t) => {
    const server = await startObsvty(t, { settings: { REQUEST_TIMEOUT_MS: "100" } });
    const { socket, received } = connectRaw(t, server);
    socket.write(`${head(50_000)}{`);
    assert.match(await received(/did not arrive within 100 ms/), /^HTTP\/1\.1 408 /);
  });
});

test("calls of /mcp print nothing past the log", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const client = await connected(t, await startObsvty(t));
  assert.notEqual(await callText(client, "overview"), "");
  assert.equal(warn.mock.callCount(), 0);
});

test("obsvty mcp tells a client that no server is there, and of a line that is no message", async () => {
  const stdin = `{"jsonrpc":"2.0","id":"a","method":"tools/list"}\nhello\n`;
  const { code, stdout } = await runHere({ url: "http://127.0.0.1:1" }, ["mcp"], {
    stdin: Readable.from([Buffer.from(stdin)]),
  });
  assert.equal(code, 0);
  assert.match(stdout, /"id":"a","error":\{"code":-32000,"message":"cannot reach http:\/\/127\.0\.0\.1:1/);
  assert.match(stdout, /"id":null,"error":\{"code":-32700/);
});
