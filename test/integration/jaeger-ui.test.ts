import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { requestSchemas } from "../../src/otlp/services.ts";
import { resourceOf, spansWith } from "../contract/store-requests.ts";
import { leafName, leavesOf, pathName, sentinelOf, withLeaf, zeroOf } from "../support/every-field.ts";
import { sendHttp } from "../support/http-call.ts";
import { ingestNow, send, sendAll } from "../support/ingest.ts";
import { get, hex, spanId, startNano, startShop, traceId } from "../support/jaeger.ts";
import { startObsvty } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { notShown } from "../support/otlp-bases.ts";

const frame = (data: readonly unknown[]) => ({ data, total: data.length, limit: 0, offset: 0, errors: null });
const idsOf = ({ data }: { readonly data: readonly { readonly traceID: string }[] }) =>
  data.map(({ traceID }) => traceID);

/** As url.Values.Encode of Go writes it: sorted, with a plus for a space. */
const encoded = (query: Record<string, string>) => {
  const parameters = new URLSearchParams(query);
  parameters.sort();
  return parameters.toString();
};

// Grafana's pkg/tsdb/jaeger/client.go.
describe("Grafana's data source for Jaeger", () => {
  test("Grafana lists the services, and tests its connection by them", async (t) => {
    const server = await startShop(t);
    assert.deepEqual(await get(server, "/api/services"), frame(["bank", "shop"]));
  });

  test("Grafana lists the operations of a service, whatever the characters of its name", async (t) => {
    const server = await startShop(t);
    assert.deepEqual(
      await get(server, "/api/services/shop/operations"),
      frame(["GET /cart", "POST /checkout", "charge"]),
    );
    const odd = spansWith({ name: "GET /" });
    odd.resourceSpans[0]!.resource = resourceOf({ "service.name": `a/b c%20d ${"x".repeat(300)}` });
    send(server, "traces", odd);
    const name = encodeURIComponent(`a/b c%20d ${"x".repeat(300)}`);
    assert.deepEqual(await get(server, `/api/services/${name}/operations`), frame(["GET /"]));
    assert.deepEqual(
      await get(server, `/api/services/${encodeURIComponent(name)}/operations`),
      frame(["GET /"]),
    );
    assert.deepEqual(await get(server, "/api/services/nobody/operations"), frame([]));
  });

  test("Grafana searches by service, operation, tags, durations and times", async (t) => {
    const server = await startShop(t);
    const search = async (query: Record<string, string>) =>
      idsOf(await get(server, `/api/traces?${encoded(query)}`));
    const times = { start: "1795427000000000", end: "1795428900000000" };
    const service = "shop";
    assert.deepEqual(await search({ ...times, service, limit: "20" }), [hex(2), hex(1)]);
    assert.deepEqual(await search({ ...times, service, operation: "GET /cart" }), [hex(2)]);
    assert.deepEqual(await search({ ...times, service, tags: '{"error":"true"}' }), [hex(1)]);
    assert.deepEqual(await search({ ...times, service, tags: '{"error":"false"}', minDuration: "90ms" }), [
      hex(1),
    ]);
    assert.deepEqual(await search({ ...times, service, tags: '{"http.response.status_code":"200"}' }), [
      hex(2),
      hex(1),
    ]);
    assert.deepEqual(await search({ ...times, service, tags: '{"span.kind":"client"}' }), [hex(1)]);
    assert.deepEqual(await search({ service, tags: '{"otel.status_description":"card declined"}' }), [
      hex(1),
    ]);
    assert.deepEqual(await search({ service, tags: '{"otel.status_code":"ERROR"}' }), [hex(1)]);
    assert.deepEqual(await search({ service, tags: '{"error":"true","otel.status_code":"OK"}' }), []);
    assert.deepEqual(await search({ service, tags: '{"span.kind":"consumer"}' }), []);
    assert.deepEqual(await search({ service, tags: '{"span.kind":"nothing"}' }), []);
    assert.deepEqual(await search({ service: "bank", tags: '{"host.name":"b-1"}' }), [hex(1)]);
    assert.deepEqual(await search({ service, minDuration: "10ms", maxDuration: "100ms" }), [hex(1)]);
    assert.deepEqual(await search({ service, start: "1795428060000000" }), [hex(2)]);
    assert.deepEqual(await search({ service, end: "1795428059999999" }), [hex(1)]);
    assert.deepEqual(await search({ service, limit: "1" }), [hex(2)]);
    assert.deepEqual(await search({ service: "nobody" }), []);
  });

  test("Grafana reads a trace, and its times in milliseconds are passed over", async (t) => {
    const server = await startShop(t);
    const answer = await get(server, `/api/traces/${hex(1)}?end=1795428900000&start=1795427000000`);
    const [trace] = answer.data;
    assert.equal(answer.data.length, 1);
    assert.equal(trace.traceID, hex(1));
    assert.equal(trace.warnings, null);
    const shown = trace.spans.map(
      ({ operationName, startTime, duration, processID, references }: Record<string, unknown>) => ({
        operationName,
        startTime,
        duration,
        process: trace.processes[processID as string],
        parents: (references as { spanID: string }[]).map(({ spanID }) => spanID),
      }),
    );
    const shop = { serviceName: "shop", tags: [] };
    const bank = { serviceName: "bank", tags: [{ key: "host.name", type: "string", value: "b-1" }] };
    assert.deepEqual(shown, [
      {
        operationName: "POST /checkout",
        startTime: 1_795_428_000_000_000,
        duration: 100_000,
        process: shop,
        parents: [],
      },
      {
        operationName: "charge",
        startTime: 1_795_428_000_010_000,
        duration: 80_000,
        process: shop,
        parents: ["01".repeat(8)],
      },
      {
        operationName: "POST /pay",
        startTime: 1_795_428_000_020_000,
        duration: 60_000,
        process: bank,
        parents: ["02".repeat(8)],
      },
    ]);
    assert.deepEqual(Object.keys(trace.processes), ["p1", "p2"]);
  });

  test("a trace that is not held is a 404 in the form of Jaeger's answers", async (t) => {
    const server = await startShop(t);
    const answer = await get(server, `/api/traces/${hex(9)}`, 404);
    assert.deepEqual(answer.data, null);
    assert.deepEqual(answer.errors, [{ code: 404, msg: "trace not found" }]);
    const { errors } = await get(server, "/api/traces/no-id", 400);
    assert.equal(errors[0].code, 400);
  });

  test("Grafana draws which service calls which, of a time in milliseconds", async (t) => {
    const server = await startShop(t);
    const call = [{ parent: "shop", child: "bank", callCount: 1 }];
    const times = "endTs=1795428900000&lookback=3600000";
    assert.deepEqual(await get(server, `/api/dependencies?${times}`), frame(call));
    assert.deepEqual(await get(server, "/api/dependencies"), frame(call));
    assert.deepEqual(await get(server, "/api/dependencies?service=bank"), frame(call));
    assert.deepEqual(await get(server, "/api/dependencies?service=other"), frame([]));
    assert.deepEqual(await get(server, "/api/dependencies?endTs=1795420000000&lookback=1000"), frame([]));
    assert.deepEqual(await get(server, "/api/dependencies?lookback=1000"), frame([]));
    await get(server, "/api/dependencies?endTs=now", 400);
  });
});

// Jaeger UI's src/api/jaeger.
describe("Jaeger's UI", () => {
  test("Jaeger's UI searches with a lookback and times", async (t) => {
    const server = await startShop(t);
    const query = {
      end: "1795428900000000",
      limit: "20",
      lookback: "1h",
      maxDuration: "",
      minDuration: "",
      service: "shop",
      start: "1795425300000000",
    };
    assert.deepEqual(idsOf(await get(server, `/api/traces?${encoded(query)}`)), [hex(2), hex(1)]);
    const tagged = `/api/traces?service=shop&tag=error:true&tag=${encodeURIComponent("span.kind:client")}`;
    assert.deepEqual(idsOf(await get(server, tagged)), [hex(1)]);
  });

  test("a search of Jaeger's UI finds nothing with bounds that no span can meet, and all with bounds that all meet", async (t) => {
    const server = await startShop(t);
    const rows = [
      ["start=-1", 2],
      ["start=-999999999999999999", 2],
      ["start=999999999999999999", 0],
      ["end=999999999999999999", 2],
      ["end=-5", 0],
      ["lookback=999999w", 2],
      ["minDuration=999999999999h", 0],
      ["maxDuration=999999999999h", 2],
    ] as const;
    for (const [query, count] of rows) {
      const { data } = await get(server, `/api/traces?service=shop&${query}`);
      assert.equal(data.length, count, query);
    }
  });

  test("Jaeger's UI compares traces, of which one is gone", async (t) => {
    const server = await startShop(t);
    const answer = await get(server, `/api/traces?traceID=${hex(2)}&traceID=${hex(9)}&traceID=${hex(1)}`);
    assert.deepEqual(idsOf(answer), [hex(2), hex(1)]);
    assert.deepEqual(answer.errors, [{ msg: "trace not found", traceID: hex(9) }]);
  });

  test("operations are listed for Jaeger's UI with their kinds", async (t) => {
    const server = await startShop(t);
    assert.deepEqual(
      await get(server, "/api/operations?service=shop"),
      frame([
        { name: "GET /cart", spanKind: "server" },
        { name: "POST /checkout", spanKind: "server" },
        { name: "charge", spanKind: "client" },
      ]),
    );
    assert.deepEqual(
      await get(server, "/api/operations?service=shop&spanKind=client"),
      frame([{ name: "charge", spanKind: "client" }]),
    );
    await get(server, "/api/operations", 400);
    await get(server, "/api/operations?service=shop&spanKind=none", 400);
  });
});

describe("answers to Jaeger's clients", () => {
  test("an answer to Jaeger's clients is bounded: traces that do not fit are told of, and a trace that is too large is cut", async (t) => {
    const server = await startObsvty(t, { settings: { MAX_QUERY_BYTES: "1048576" } });
    await sendAll(server, "traces", makeTraceRequest({ count: 2_000, spansPerTrace: 200 }));
    const some = await get(server, "/api/traces?service=shop");
    assert.ok(some.data.length > 0 && some.data.length < 10);
    assert.deepEqual(some.errors, [
      { msg: `${10 - some.data.length} more traces do not fit into the answer; ask for fewer` },
    ]);
    const large = { count: 1_500, spansPerTrace: 1_500, serviceName: "large", seed: 2 };
    await sendAll(server, "traces", makeTraceRequest(large));
    const { data } = await get(server, "/api/traces?service=large");
    const { spans, warnings } = data[0];
    assert.deepEqual(warnings, [`${1_500 - spans.length} spans of this trace do not fit into the answer`]);
    assert.ok(spans.length > 10);
    assert.equal(server.core.answers.bytes, 0);
  });

  for (const version of ["HTTP/1.1", "HTTP/2"] as const) {
    test(`a search of Jaeger's clients over ${version} is answered, and its memory is given back`, async (t) => {
      const server = await startShop(t);
      const call = { path: "/api/traces?service=shop", method: "GET" };
      const { status, body } = await sendHttp(t, version, server.url, call);
      assert.equal(status, 200);
      assert.equal(JSON.parse(body.toString()).data.length, 2);
      assert.equal(server.core.answers.bytes, 0);
    });
  }

  test("with API_TOKEN, Jaeger's clients are asked for it, and refused in the form of Jaeger's answers", async (t) => {
    const server = await startObsvty(t, { settings: { API_TOKEN: "s3cret" } });
    const { errors } = await get(server, "/api/services", 401);
    assert.equal(errors[0].code, 401);
    const authorization = "Bearer s3cret";
    const response = await fetch(`${server.url}/api/services`, { headers: { authorization } });
    assert.deepEqual(await response.json(), frame([]));
  });

  test("without API_TOKEN, a client of Jaeger's that calls another name than localhost is refused", async (t) => {
    const server = await startObsvty(t);
    const headers = { host: "obsvty.example:4317" };
    const call = { path: "/api/services", method: "GET", headers };
    const { status, body } = await sendHttp(t, "HTTP/1.1", server.url, call);
    assert.equal(status, 403);
    assert.equal(JSON.parse(body.toString()).errors[0].code, 403);
  });

  for (const [site, expected] of [
    ["cross-site", 403],
    ["same-site", 403],
    ["same-origin", 200],
    ["none", 200],
  ] as const) {
    test(`a request to Jaeger's API that a browser marks as ${site} is answered with ${expected}`, async (t) => {
      const server = await startObsvty(t);
      const headers = { "sec-fetch-site": site };
      const call = { path: "/api/services", method: "GET", headers };
      const reply = await sendHttp(t, "HTTP/1.1", server.url, call);
      assert.equal(reply.status, expected);
      if (expected === 200) assert.equal(reply.headers["x-content-type-options"], "nosniff");
    });
  }

  /** What Jaeger's form of a span has no place for. */
  const noPlace: Readonly<Record<string, string>> = {
    "Span.flags": "Jaeger's flags mean something else",
    "Link.trace_state": "a reference is two ids and a type",
    "Link.flags": "a reference is two ids and a type",
    "Link.dropped_attributes_count": "a reference is two ids and a type",
    "ResourceSpans.schema_url": "a process is a name and tags",
    "ScopeSpans.schema_url": "a scope is two tags",
    "Resource.dropped_attributes_count": "a process is a name and tags",
    "InstrumentationScope.dropped_attributes_count": "a scope is two tags",
  };
  const noPlaceBelow = ["links.attributes", "scope.attributes", "entity_refs"];

  test("every field of a span that Jaeger's form has a place for is shown", async (t) => {
    const server = await startObsvty(t);
    const schema: DescMessage = requestSchemas.traces;
    const ids = { traceId: traceId(1), spanId: spanId(1) };
    const span = { ...ids, startTimeUnixNano: startNano, links: [ids] };
    const base = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    const show = async (message: Message): Promise<string | undefined> => {
      server.core.reader.clear();
      if (ingestNow(server.core.ingest, "traces", toBinary(schema, message)).kind !== "accepted")
        return undefined;
      const [service] = (await get(server, "/api/services")).data;
      return JSON.stringify((await get(server, `/api/traces?service=${service}`)).data);
    };
    const bare = await show(create(schema, base as never));
    assert.ok(bare !== undefined);
    const missing: string[] = [];
    for (const path of leavesOf(schema)) {
      const name = pathName(path);
      if (Object.hasOwn(notShown, leafName(path)) || Object.hasOwn(noPlace, leafName(path))) continue;
      if (noPlaceBelow.some((part) => name.includes(part))) continue;
      const shown = await show(withLeaf(schema, base, path, sentinelOf(path.at(-1)!)));
      assert.ok(shown !== undefined, `the span is accepted with ${name}`);
      const unset = (await show(withLeaf(schema, base, path, zeroOf(path.at(-1)!)))) ?? bare;
      if (shown === unset) missing.push(name);
    }
    assert.deepEqual(missing, []);
  });
});
