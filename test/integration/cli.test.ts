import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { version } from "../../src/version.ts";
import { logsOf, logsWith, metricsOf, spansOf, spansWith } from "../contract/store-requests.ts";
import { type Ended, runHere } from "../support/cli.ts";
import { send } from "../support/ingest.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

process.env.TZ = "UTC";

/** A server that holds a trace of three spans, four log records and five data points. */
async function startFilled(t: TestContext): Promise<TestServer> {
  const server = await startObsvty(t);
  send(server, "traces", spansOf(3));
  send(server, "logs", logsOf(4));
  send(server, "metrics", metricsOf(5));
  return server;
}

function jsonLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function succeeded({ code, stdout, stderr }: Ended): string {
  assert.equal(code, 0, stderr);
  return stdout;
}

describe("without a terminal a command prints the API's JSON, one item on a line:", () => {
  for (const [args, method, body, list] of [
    ["search spans", "SearchSpans", {}, "spans"],
    ["search span --name", "SearchSpans", { filter: { name: "span 1" } }, "spans"],
    ["search traces", "SearchTraces", {}, "traces"],
    ["search logs --limit 2", "SearchLogs", { limit: 2 }, "logs"],
    [
      "search logs --min-severity warn",
      "SearchLogs",
      { filter: { minSeverity: "SEVERITY_NUMBER_WARN" } },
      "logs",
    ],
    ["search metrics", "SearchMetrics", {}, "metrics"],
    ["search metric --latest --type sum", "SearchMetrics", { latest: true, filter: { type: 2 } }, "metrics"],
    ["services", "ListServices", {}, "services"],
    ["attributes spans --values 2", "ListAttributes", { spans: {}, values: 2 }, "attributes"],
    ["attributes metrics --prefix s", "ListAttributes", { metrics: {}, prefix: "s" }, "attributes"],
    ["metrics", "ListMetrics", {}, "metrics"],
    ["top", "SummarizeSpans", { groupBy: ["name", "service"] }, "groups"],
    ["top --group-by kind,status", "SummarizeSpans", { groupBy: ["kind", "status"] }, "groups"],
    ["wait spans --min-count 2", "WaitFor", { spans: {}, minCount: 2 }, "spans"],
    ["wait logs", "WaitFor", { logs: {} }, "logs"],
    ["wait metrics", "WaitFor", { metrics: {} }, "metrics"],
  ] as const) {
    test(`without a terminal obsvty ${args} prints the API's JSON, one item on a line`, async (t) => {
      const server = await startFilled(t);
      const words = args.endsWith("--name") ? [...args.split(" "), "span 1"] : args.split(" ");
      const { code, stdout, stderr } = await runHere(server, words);
      assert.deepEqual([code, stderr], [0, ""]);
      const answer = await query(server, method, body);
      assert.ok(answer[list].length > 0);
      assert.equal(stdout, answer[list].map((item: unknown) => `${JSON.stringify(item)}\n`).join(""));
    });
  }

  test("without a terminal stats, trace and health print the API's JSON", async (t) => {
    const server = await startFilled(t);
    const stats = await query(server, "GetStats");
    const [printed] = jsonLines(succeeded(await runHere(server, ["stats"]))) as (typeof stats)[];
    // The command uses some of them itself.
    assert.deepEqual(Object.keys(printed.limits), Object.keys(stats.limits));
    assert.deepEqual({ ...printed, limits: {} }, { ...stats, limits: {} });
    const { traces } = await query(server, "SearchTraces");
    const { spans } = await query(server, "GetTrace", { traceId: traces[0].traceId });
    assert.deepEqual(jsonLines(succeeded(await runHere(server, ["trace", traces[0].traceId]))), spans);
    const [health] = jsonLines(succeeded(await runHere(server, ["health"]))) as { status: string }[];
    assert.equal(health?.status, "ok");
  });
});

test('--service "" finds the items without a service.name, of every kind', async (t) => {
  const server = await startFilled(t);
  const resource = (attributes: object[]) => ({ resource: { attributes } });
  const named = resource([{ key: "service.name", value: { stringValue: "" } }]);
  const span = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174" };
  const point = { timeUnixNano: "1", asInt: "1" };
  const requests = {
    traces: { resourceSpans: [{ ...named, scopeSpans: [{ spans: [{ ...span, name: "nobody's" }] }] }] },
    logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: "nobody's" } }] }] }] },
    metrics: {
      resourceMetrics: [
        { scopeMetrics: [{ metrics: [{ name: "nobody's", gauge: { dataPoints: [point] } }] }] },
      ],
    },
  };
  for (const [signal, request] of Object.entries(requests)) {
    const headers = { "content-type": "application/json" };
    const reply = await fetch(`${server.url}/v1/${signal}`, {
      method: "POST",
      headers,
      body: JSON.stringify(request),
    });
    assert.deepEqual(await reply.json(), {});
  }
  for (const what of ["spans", "logs", "metrics"]) {
    const found = jsonLines(succeeded(await runHere(server, ["search", what, "--service", ""])));
    assert.equal(found.length, 1);
    assert.match(JSON.stringify(found), /nobody's/);
  }
  assert.equal(jsonLines(succeeded(await runHere(server, ["search", "traces", "--service", ""]))).length, 1);
  const others = ["search", "traces", "--service", "", "--without", "name=x", "--without", "service="];
  assert.equal(jsonLines(succeeded(await runHere(server, others))).length, 0);
});

describe("obsvty trace takes the beginning of a trace id", () => {
  const ids = ["5b8efff798038103d269b633813fc60c", "5b8e0ff798038103d269b633813fc60c"];

  async function startWithTraces(t: TestContext): Promise<TestServer> {
    const server = await startObsvty(t);
    const spans = ids.map((traceId) => ({ traceId, spanId: "eee19b7ec3c1b174", name: traceId }));
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    await fetch(`${server.url}/v1/traces`, { method: "POST", headers, body });
    return server;
  }

  test("obsvty trace takes the beginning of the id of one trace", async (t) => {
    const server = await startWithTraces(t);
    for (const prefix of ["5b8ef", "5B8EFFF798038103D269B633813FC60"]) {
      const [span] = jsonLines(succeeded(await runHere(server, ["trace", prefix]))) as { traceId: string }[];
      assert.equal(span?.traceId, ids[0]);
    }
  });

  test("obsvty trace says when several traces begin so, or none", async (t) => {
    const server = await startWithTraces(t);
    const several = await runHere(server, ["trace", "5b8e"]);
    assert.deepEqual(
      [several.code, several.stderr],
      [1, `obsvty: 2 traces begin with 5b8e: ${ids[0]}, ${ids[1]}\n`],
    );
    const none = await runHere(server, ["trace", "abcd"]);
    assert.deepEqual([none.code, none.stderr], [1, "obsvty: no trace that is held begins with abcd\n"]);
  });
});

describe("on a terminal a command prints text:", () => {
  for (const [args, pattern] of [
    ["search spans", /^[-\d: ]+\.123 .* shop {2}span 0 .*\n.*span 1 .*\n.*span 2 .*\n$/],
    ["search traces", /^span 0 {2}shop {2}3 spans .* \d\d:\d\d:\d\d\.123 {2}[0-9a-f]{12,32}…?\n$/],
    ["search logs", /^[-\d: ]+\.123 {2}INFO {3}shop {2}order \d+ was placed .*\n/],
    ["search metrics", /^[-\d: ]+\.\d+ {2}shop {2}\S+ {2}.*\n/],
    ["wait spans", /^[-\d: ]+\.123 .* shop {2}span 0 .*\n$/],
    ["stats", /^ +items .*evicted\ntraces +3 .*\nlogs +4 .*\nmetrics +5 .*\nprofiles +0 .*\n$/],
    ["clear", /^cleared 12 items\n$/],
    ["services", /^service {2}spans {2}logs .*\nshop +3 +4 +5 +0\n$/],
    ["health", new RegExp(`^ok, version ${version.replaceAll(".", "\\.")}, up .* of 16\\.0 MiB held\n$`)],
  ] as const) {
    test(`on a terminal obsvty ${args} prints text`, async (t) => {
      const server = await startFilled(t);
      const text = succeeded(await runHere(server, args.split(" "), { columns: 100 }));
      assert.match(text, pattern);
      assert.ok(text.split("\n").every((line) => line.length <= 100));
    });
  }

  test("on a terminal obsvty trace ID prints a tree", async (t) => {
    const server = await startFilled(t);
    const { traces } = await query(server, "SearchTraces");
    const text = succeeded(await runHere(server, ["trace", traces[0].traceId], { columns: 100 }));
    assert.match(
      text,
      /^[0-9a-f]{32} {2}2026-11-23 10:00:00\.123 {2}3 spans\nspan 0 {2}\[shop\] .*━\n├─ span 1 .*\n└─ span 2 .*\n$/,
    );
  });

  test("on a terminal a search says how to go on, and when nothing matched", async (t) => {
    const server = await startFilled(t);
    const { cursor } = await query(server, "SearchLogs");
    const found = await runHere(server, ["search", "logs"], { columns: 100 });
    assert.equal(found.stderr, `obsvty: 4 found; to see newer ones: --after ${cursor}\n`);
    const next = await runHere(server, ["search", "logs", "--after", cursor], { columns: 100 });
    assert.deepEqual(
      [next.stdout, next.stderr],
      ["", `obsvty: nothing matched; to see newer ones: --after ${cursor}\n`],
    );
  });

  test("control characters of a log's body are escaped on a terminal, in text and in JSON", async (t) => {
    const server = await startObsvty(t);
    send(
      server,
      "logs",
      logsWith({ body: { value: { case: "stringValue", value: "\x1b[2J\u009b5m\u202e" } } }),
    );
    const text = succeeded(await runHere(server, ["search", "logs"], { columns: 200 }));
    assert.match(text, /shop {2}\\u202e/);
    const json = succeeded(await runHere(server, ["search", "logs", "--json"], { columns: 200 }));
    assert.match(json, /^[\x20-\x7e]+\n$/);
    assert.equal((jsonLines(json) as { body: string }[])[0]?.body, "\x1b[2J\u009b5m\u202e");
  });
});

test("--json and --text choose the format, on a terminal and without one", async (t) => {
  const server = await startFilled(t);
  const json = succeeded(
    await runHere(server, ["--json", "search", "logs", "--limit", "1"], { columns: 80 }),
  );
  assert.equal(jsonLines(json).length, 1);
  const text = succeeded(await runHere(server, ["search", "logs", "--limit", "1", "--text"]));
  assert.match(text, /^(?:2026-11-23 )?10:00:00\.126 {2}\w+/);
  const both = await runHere(server, ["search", "logs", "--json", "--text"]);
  assert.deepEqual(
    [both.code, both.stderr],
    [2, "obsvty: option '--json' cannot be used with option '--text'\n"],
  );
});

test("a search after an old cursor says how many items were evicted", async (t) => {
  const server = await startObsvty(t, { settings: { MAX_BUFFER_SIZE: "3" } });
  const { cursor } = await query(server, "GetStats");
  for (let i = 0; i < 2; i++) send(server, "logs", logsOf(3));
  const { code, stderr } = await runHere(server, ["search", "logs", "--after", cursor]);
  assert.deepEqual([code, stderr], [0, "obsvty: 3 items evicted since that cursor and missed\n"]);
});

describe("wait exits with 1 after its timeout", () => {
  test("a wait that times out says how many matched, why the nearest other did not, and what it is", async (t) => {
    const server = await startFilled(t);
    const filter = ["--service", "shop", "--name", "span 3"];
    const words = ["wait", "traces", ...filter, "--min-count", "2", "--timeout", "1ms"];
    const { code, stdout, stderr } = await runHere(server, words);
    assert.deepEqual([code, stdout], [1, ""]);
    const [told, found, nearest = "", ...rest] = stderr.trimEnd().split("\n");
    assert.equal(told, "obsvty: 0 of 2 spans matched within 1 ms; the nearest miss failed on --name");
    assert.equal(found, 'obsvty: --name: it is "span 2"');
    assert.match(nearest, /^obsvty: the nearest: .*10:00:00\.125 .* shop {2}span 2 /);
    assert.deepEqual(rest, []);
  });

  test("a wait of which only the count falls short shows no item of another name", async (t) => {
    const server = await startFilled(t);
    const words = ["wait", "spans", "--service", "shop", "--name", "span 1", "--min-count", "2"];
    const { code, stderr } = await runHere(server, [...words, "--timeout", "1ms"]);
    assert.deepEqual([code, stderr], [1, "obsvty: 1 of 2 spans matched within 1 ms; no other comes near\n"]);
  });

  test("a wait of which only the count falls short shows an item of the same name, and none that matched", async (t) => {
    const server = await startObsvty(t);
    send(server, "traces", spansWith({ name: "pay", status: { code: 2 } }, { name: "pay" }));
    send(server, "traces", spansWith({ name: "pay", status: { code: 2 } }));
    const words = ["wait", "spans", "--name", "pay", "--status-code", "error", "--min-count", "3"];
    const { stderr } = await runHere(server, [...words, "--timeout", "1ms"]);
    const [told, found, nearest = "", ...rest] = stderr.trimEnd().split("\n");
    assert.equal(told, "obsvty: 2 of 3 spans matched within 1 ms; the nearest miss failed on --status-code");
    assert.equal(found, 'obsvty: --status-code: it is "STATUS_CODE_UNSET"');
    assert.match(nearest, /^obsvty: the nearest: .* pay /);
    assert.doesNotMatch(nearest, /✗/);
    assert.deepEqual(rest, []);
  });

  test("a wait of which only the count falls short shows no item that has nothing to do with it", async (t) => {
    const server = await startFilled(t);
    const words = ["wait", "spans", "--name", "span 1", "--min-count", "2", "--timeout", "1ms", "--text"];
    const { code, stderr } = await runHere(server, words);
    assert.deepEqual(
      [code, stderr.trimEnd().split("\n").slice(1)],
      [1, ["obsvty: 1 of 2 spans matched within 1 ms; no other comes near"]],
    );
  });

  test("a wait that times out shows the nearest item with another attribute", async (t) => {
    const server = await startFilled(t);
    const words = ["wait", "logs", "--attribute", "cart.id=x", "--service", "shop", "--timeout", "1ms"];
    const { stderr } = await runHere(server, words);
    assert.match(
      stderr,
      /failed on --attribute cart\.id=x\nobsvty: --attribute cart\.id=x: it has none\nobsvty: the nearest: .* ERROR {2}shop {2}\{"order\.id"/,
    );
  });

  test("a wait that times out says when nothing is held", async (t) => {
    const words = ["wait", "metrics", "--name", "x", "--timeout", "1ms"];
    const { stderr } = await runHere(await startObsvty(t), words);
    assert.equal(stderr, "obsvty: 0 of 1 data points matched within 1 ms; no data points are held\n");
  });
});

test("wait says on a terminal what it waits for and how long, so that it does not look stuck", async (t) => {
  const server = await startFilled(t);
  const words = ["wait", "logs", "--min-count", "3", "--timeout", "1m"];
  const { stderr, stdout } = await runHere(server, words, { columns: 100 });
  assert.equal(stderr, "obsvty: waiting up to 1m 00s for 3 log records\n");
  assert.equal(stdout.trimEnd().split("\n").length, 3);
});

test("health exits with 1 when the server is not well, not obsvty or silent", async (t) => {
  const answers = {
    "/stopping/health": '{"status":"stopping","version":"1","uptimeSeconds":61,"bytes":0,"maxBytes":1024}',
    "/other/health": "<html>",
  } as Record<string, string | undefined>;
  const http = createServer(({ url = "" }, response) => {
    if (url !== "/hung/health") response.writeHead(url in answers ? 200 : 404).end(answers[url]);
  });
  http.listen(0, "127.0.0.1");
  await new Promise((resolve) => http.once("listening", resolve));
  t.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const stopping = await runHere({ url: `${base}/stopping/` }, ["health"], { columns: 80 });
  assert.deepEqual(stopping, {
    code: 1,
    stdout: "stopping, version 1, up 1m 01s, 0 B of 1.0 KiB held\n",
    stderr: "",
  });
  const other = await runHere({ url: `${base}/other` }, ["health"]);
  assert.deepEqual(
    [other.code, other.stderr],
    [1, `obsvty: ${base}/other answers, but not as an obsvty server does\n`],
  );
  const hung = await runHere({ url: `${base}/hung` }, ["health", "--timeout", "20ms"]);
  assert.deepEqual([hung.code, hung.stderr], [1, `obsvty: ${base}/hung did not answer within 20 ms\n`]);
  const api = await runHere({ url: `${base}/other` }, ["stats"]);
  assert.equal(api.code, 1);
  assert.match(api.stderr, /^obsvty: [^\n]+\/other does not speak obsvty's API: HTTP 404\n$/);
});

describe("a wrong value is reported in one line that names the flag, with exit code 2:", () => {
  for (const [words, message] of [
    [["search", "spans", "--kind", "srv"], /^obsvty: --kind: "srv" is not allowed, /],
    [["search", "spans", "--limit", "0"], /^obsvty: --limit: "0" .* a whole number from 1 to 10000$/],
    [["search", "logs", "--limit", "1e3"], /^obsvty: --limit: "1e3" /],
    [["search", "logs", "--limit", "10001"], /^obsvty: --limit: "10001" .* a whole number from 1 to 10000$/],
    [
      ["search", "traces", "--limit", "9".repeat(20)],
      /^obsvty: --limit: "9{20}" .* a whole number from 1 to 10000$/,
    ],
    [["wait", "logs", "--min-count", "10001"], /^obsvty: --min-count: "10001" .* from 1 to 10000$/],
    [["wait", "logs", "--timeout", "10"], /^obsvty: --timeout: "10" .* a duration like /],
    [["wait", "logs", "--timeout", "2h"], /^obsvty: --timeout: must be from 0s to 3600s$/],
    [["health", "--timeout", "soon"], /^obsvty: --timeout: "soon" /],
    [["trace", "abc"], /^obsvty: <id>: a trace id is 32 hex digits, or the first 4 or more of them$/],
    [["trace", "zzzz"], /^obsvty: <id>: a trace id is 32 hex digits, or the first 4 or more of them$/],
    [["trace", ""], /^obsvty: <id>: a trace id is 32 hex digits, or the first 4 or more of them$/],
    [["trace", "0".repeat(32)], /^obsvty: <id>: an all-zero id names no trace$/],
    [["search", "spans", "--trace-id", "abc"], /^obsvty: --trace-id: a trace id is 32 hex digits$/],
    [["tail", "logs", "--trace-id", "abc"], /^obsvty: --trace-id: a trace id is 32 hex digits$/],
    [["search", "logs", "--after", "xyz"], /^obsvty: --after: /],
    [["stats", "--endpoint", "localhost:4317"], /^obsvty: --endpoint: must be a URL like http:/],
    [
      ["stats", "--endpoint", "http://u:secret@localhost"],
      /^obsvty: --endpoint: (?!.*secret).* without a user/,
    ],
    [["stats", "--endpoint", "http://localhost/?a=1"], /^obsvty: --endpoint: .* without a user, query/],
    [["wait", "spans", "--after", ""], /^obsvty: --after: must not be empty$/],
    [["tail", "logs", "--after", ""], /^obsvty: --after: must not be empty$/],
    [["search", "logs", "--after", ""], /^obsvty: --after: must not be empty$/],
    [["search", "logs", "--service", "a", "--service", "b"], /^obsvty: --service: is given twice$/],
    [["search", "logs", "--since", "2026-02-30T00:00:00Z"], /^obsvty: --since: "2026-02-30T00:00:00Z" /],
    [["tail", "logs", "--colour"], /^obsvty: unknown option '--colour'$/],
    [["tail", "logs", "--sevice", "x"], /^obsvty: unknown option '--sevice' \(Did you mean --service\?\)$/],
    [["tial"], /^obsvty: unknown command 'tial' \(Did you mean tail\?\)$/],
    [["foo"], /^obsvty: unknown command 'foo', it must be one of serve, tail, .*, help$/],
    [["help", "foo"], /^obsvty: unknown command 'foo', it must be one of serve, tail, .*, help$/],
    [["help", "search", "foo"], /^obsvty: unknown command 'foo', it must be one of traces, spans, /],
    [
      ["search", "foo"],
      /^obsvty: unknown command 'foo', it must be one of traces, spans, logs, metrics, profiles$/,
    ],
    [["serv"], /^obsvty: unknown command 'serv' \(Did you mean serve\?\)$/],
    [
      ["--prot", "3"],
      /^obsvty: unknown option '--prot'; the server has no flags, .*: OTLP_GRPC_PORT=4317 obsvty$/,
    ],
    [
      ["serve", "--port", "3"],
      /^obsvty: unknown option '--port'; the server has no flags, .*PORT=4317 obsvty$/,
    ],
    [["--jsn"], /^obsvty: unknown option '--jsn' \(Did you mean --json\?\)$/],
    [["stats", "--api-token=s3c'ret"], /^obsvty: unknown option '--api-token'$/],
    [["--token=s3cret"], /^obsvty: unknown option '--token'; the server has no flags, [^']*$/],
    [["export", "--text"], /^obsvty: --text: export writes data, not text/],
    [["trace"], /^obsvty: missing required argument 'id'$/],
  ] as const) {
    test(`a wrong value is reported with its flag and exit code 2: ${words.join(" ")}`, async (t) => {
      const { code, stdout, stderr } = await runHere(await startObsvty(t), words);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.match(stderr.trimEnd(), message);
    });
  }

  test("a wrong value in the environment is reported in one line that names it, with exit code 2", async () => {
    const endpoint = await runHere({ url: "nonsense" }, ["stats"]);
    assert.deepEqual(
      [endpoint.code, endpoint.stderr],
      [
        2,
        "obsvty: OBSVTY_ENDPOINT: must be a URL like http://localhost:4317, without a user, query or fragment\n",
      ],
    );
    const token = await runHere({ url: "http://localhost:1" }, ["stats"], { env: { API_TOKEN: "a b" } });
    assert.deepEqual(
      [token.code, token.stderr],
      [2, "obsvty: API_TOKEN: must be visible ASCII characters without spaces\n"],
    );
  });
});

test("a trace id and a count are checked before the server is called", async () => {
  const nowhere = { url: "http://127.0.0.1:1" };
  for (const words of [
    ["trace", "12"],
    ["search", "logs", "--limit", "999999"],
  ]) {
    const { code, stderr } = await runHere(nowhere, words);
    assert.equal(code, 2, stderr);
  }
});

test("the help of wait says that wait traces is wait spans", async () => {
  const { code, stdout } = await runHere({ url: "http://127.0.0.1:1" }, ["wait", "--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /\nwait traces is the same as wait spans\.\n/);
});

test("a search with --text says nothing on stderr when stdout is no terminal", async (t) => {
  const { stdout, stderr } = await runHere(await startFilled(t), ["search", "logs", "--text"]);
  assert.equal(stdout.split("\n").length, 5);
  assert.equal(stderr, "");
});

test("a search says when --limit may have cut its answer", async (t) => {
  const server = await startFilled(t);
  const said = async (...words: string[]) =>
    (await runHere(server, ["search", "logs", ...words], { columns: 100 })).stderr;
  assert.match(await said(), /^obsvty: 4 found; to see newer ones: --after \S+\n$/);
  assert.match(await said("--limit", "3"), /^obsvty: showing the newest 3, set --limit for more; /);
  const { cursor } = await query(server, "SearchLogs", { limit: 1, after: "" });
  const { logs } = await query(server, "SearchLogs");
  assert.match(
    await said("--limit", "2", "--after", logs[0].cursor),
    /^obsvty: showing the oldest 2, set --limit for more; /,
  );
  assert.match(await said("--after", cursor), /^obsvty: nothing matched; /);
});

test("stats has a column for requests that were kept and not confirmed, when there are any", async (t) => {
  const server = await startObsvty(t);
  server.core.counters.refused("traces", "grpc", "unconfirmed");
  const { stdout } = await runHere(server, ["stats"], { columns: 120 });
  const [headings, traces] = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
  assert.equal(headings?.at(-1), "unconfirmed");
  assert.deepEqual(traces, ["traces", "0", "0 B", "0", "0", "0", "0", "0", "1"]);
});

test("stats has a column for injected faults", async (t) => {
  const server = await startObsvty(t);
  server.core.counters.refused("traces", "grpc", "injected-fault");
  const { stdout } = await runHere(server, ["stats"], { columns: 120 });
  const [headings, traces] = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
  assert.deepEqual(headings, ["items", "bytes", "accepted", "rejected", "refused", "injected", "evicted"]);
  assert.deepEqual(traces, ["traces", "0", "0 B", "0", "0", "0", "1", "0"]);
});

test("health says when the server closes the connection", async (t) => {
  const http = createServer(({ socket }) => socket.destroy());
  http.listen(0, "127.0.0.1");
  await new Promise((resolve) => http.once("listening", resolve));
  t.after(() => http.close());
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { code, stderr } = await runHere({ url }, ["health"]);
  assert.deepEqual([code, stderr], [1, `obsvty: ${url} closed the connection\n`]);
});

test("an endpoint may have capitals, and slashes at its end", async (t) => {
  const server = await startFilled(t);
  const { port } = server;
  succeeded(await runHere({ url: `HTTP://LOCALHOST:${port}//` }, ["stats"]));
});

describe("a call that fails is reported in one line, with exit code 1:", () => {
  test("a call for an unknown trace is reported in one line, with exit code 1", async (t) => {
    const { code, stderr } = await runHere(await startObsvty(t), ["trace", "a".repeat(32)]);
    assert.equal(code, 1);
    assert.match(stderr, /^obsvty: [^\n]*trace[^\n]*\n$/);
  });

  test("a call without the token of API_TOKEN is reported in one line, with exit code 1", async (t) => {
    const server = await startObsvty(t, { settings: { API_TOKEN: "secret" } });
    const without = await runHere(server, ["stats"]);
    assert.equal(without.code, 1);
    assert.match(
      without.stderr,
      /^obsvty: [^\n]+; API_TOKEN in the environment is sent as a bearer token\n$/,
    );
    for (const command of ["stats", "services", "search logs", "health"]) {
      succeeded(await runHere(server, command.split(" "), { env: { API_TOKEN: "secret" } }));
    }
  });

  test("a call to a server that is not there is reported in one line, with exit code 1", async (t) => {
    const server = await startObsvty(t);
    await server.close();
    for (const command of ["stats", "health", "tail logs", "search logs"]) {
      const { code, stderr } = await runHere(server, command.split(" "));
      assert.equal(code, 1);
      assert.equal(
        stderr,
        `obsvty: nothing answers at ${server.url}: start a server with "obsvty", or say where one is with --endpoint\n`,
      );
    }
    const { stderr } = await runHere(server, ["stats", "--endpoint", "http://nowhere.invalid"]);
    assert.match(
      stderr,
      /^obsvty: nowhere\.invalid is not known|^obsvty: http:\/\/nowhere\.invalid cannot be reached/,
    );
  });
});

describe("wait, when the server is not there yet,", () => {
  const gone = async (t: TestContext) => {
    const server = await startObsvty(t);
    await server.close();
    return server;
  };

  test("obsvty wait waits for a server that is not there yet", async (t) => {
    const { url, port } = await gone(t);
    const said = Promise.withResolvers<string>();
    const waiting = runHere({ url }, ["wait", "logs"], { onStderr: said.resolve });
    assert.equal(await said.promise, `obsvty: nothing answers at ${url} yet, waiting for a server there\n`);
    const server = await startObsvty(t, { settings: { OTLP_GRPC_PORT: String(port) } });
    send(server, "logs", logsOf(1));
    const { code, stdout } = await waiting;
    assert.deepEqual([code, jsonLines(stdout).length], [0, 1]);
  });

  test("obsvty wait gives up after its timeout when the server is not there", async (t) => {
    const { url } = await gone(t);
    const { code, stderr } = await runHere({ url }, ["wait", "logs", "--timeout", "150ms"]);
    assert.equal(code, 1);
    assert.match(stderr, /yet, waiting for a server there\nobsvty: nothing answers at [^\n]+\n$/);
  });
});

describe("help and version", () => {
  const nowhere = { url: "http://127.0.0.1:1" };
  for (const words of [
    [],
    ["tail"],
    ["tail", "logs"],
    ["search"],
    ["search", "metrics"],
    ["wait", "spans"],
    ["trace"],
    ["stats"],
    ["health"],
    ["serve"],
  ]) {
    test(`help or version is printed for obsvty ${words.join(" ")}`, async () => {
      const help = succeeded(await runHere(nowhere, [...words, "--help"]));
      assert.match(help, new RegExp(`^Usage: obsvty ${words.join(" ")}`));
      assert.match(help, /--endpoint <url>/);
      assert.equal(stripVTControlCharacters(help), help);
      assert.deepEqual(
        help.split("\n").filter((line) => line.length > 80),
        [],
      );
      assert.equal(succeeded(await runHere(nowhere, [...words, "--version"])), `${version}\n`);
    });
  }

  test("the help is printed on stderr, with exit code 2, when a word is missing", async () => {
    const { code, stdout, stderr } = await runHere(nowhere, ["tail"]);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^Usage: obsvty tail <what> \[filters\]/);
  });
});

test("obsvty serve starts the server", async () => {
  assert.equal(succeeded(await runHere({ url: "" }, ["serve"])), "served\n");
});
