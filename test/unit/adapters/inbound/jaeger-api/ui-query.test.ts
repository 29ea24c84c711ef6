import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Parameters, parseGoDuration } from "../../../../../src/adapters/inbound/jaeger-api/parameters.ts";
import { uiTracesQuery } from "../../../../../src/adapters/inbound/jaeger-api/ui-query.ts";

const now = 1_795_428_000_000_000_000n;
const read = (query: Record<string, string>) =>
  uiTracesQuery(new Parameters(`/api/traces?${new URLSearchParams(query)}`), now);

// biome-ignore lint/suspicious/noExplicitAny: the tests read one form of the query
const filterOf = (query: Record<string, string>): any => (read({ service: "shop", ...query }) as any).filter;

describe("the parameters of /api/traces", () => {
  it("a search of Jaeger's UI by a service alone finds everything of it, at most 100 traces", () => {
    assert.deepEqual(read({ service: "shop" }), { filter: { service: "shop" }, also: [], limit: 100 });
  });

  it("parameters of Jaeger's UI that are empty are not given", () => {
    const empty = {
      operation: "",
      start: "",
      end: "",
      minDuration: "",
      maxDuration: "",
      tags: "",
      limit: "",
    };
    assert.deepEqual(
      read({ service: "shop", ...empty, tag: "", traceID: "", lookback: "" }),
      read({ service: "shop" }),
    );
  });

  it("start and end of Jaeger's UI are microseconds, and the last one is included", () => {
    assert.deepEqual(filterOf({ start: "1795428000123456", end: "1795428000123457" }), {
      service: "shop",
      sinceUnixNano: 1_795_428_000_123_456_000n,
      untilUnixNano: 1_795_428_000_123_458_000n,
    });
  });

  it("lookback of Jaeger's UI counts from now when there is no start, and is passed over when it is no duration", () => {
    assert.equal(filterOf({ lookback: "1h" }).sinceUnixNano, now - 3_600_000_000_000n);
    assert.equal(filterOf({ lookback: "2d" }).sinceUnixNano, now - 172_800_000_000_000n);
    assert.equal(filterOf({ lookback: "1h", start: "5" }).sinceUnixNano, 5_000n);
    assert.equal(filterOf({ lookback: "custom" }).sinceUnixNano, undefined);
  });

  it("durations of Jaeger's UI are read as Go writes them", () => {
    const rows = [
      ["1.2s", 1_200_000_000n],
      ["100us", 100_000n],
      ["100µs", 100_000n],
      ["1h30m", 5_400_000_000_000n],
      ["0", 0n],
      ["5ns", 5n],
      ["5", undefined],
      ["-5ms", undefined],
      ["1.2.3s", undefined],
      ["ms", undefined],
      ["", undefined],
    ] as const;
    for (const [text, nano] of rows) assert.equal(parseGoDuration(text), nano, text);
    assert.equal(filterOf({ minDuration: "1ms" }).minDurationNano, 1_000_000n);
    assert.equal(filterOf({ maxDuration: "2ms" }).maxDurationNano, 2_000_000n);
    assert.equal("maxDurationNano" in filterOf({ maxDuration: "0s" }), false);
  });

  it("tags of Jaeger's UI are a JSON object or pairs with a colon, and their values are text", () => {
    const tags = JSON.stringify({ "http.status_code": 500, user: "a" });
    assert.deepEqual(
      filterOf({ tags, tag: "url:http://x" }).attributes,
      new Map([
        ["url", "http://x"],
        ["http.status_code", "500"],
        ["user", "a"],
      ]),
    );
  });

  it("tags of Jaeger's UI for the status and the kind narrow the search, and all tags of fields are conditions", () => {
    const rows = [
      [
        { error: "true", "span.kind": "client" },
        { statusCode: 2, kind: 3 },
      ],
      [{ "otel.status_code": "OK" }, { statusCode: 1 }],
      [{ error: "true", "otel.status_code": "OK" }, { statusCode: 2 }],
      [{ error: "false", "span.kind": "", "otel.status_code": "no" }, {}],
      [{ "otel.scope.name": "http" }, {}],
    ] as const;
    for (const [tags, filter] of rows) {
      const query = read({ service: "shop", tags: JSON.stringify(tags) });
      assert.ok("filter" in query);
      assert.deepEqual(query.filter, { ...filter, service: "shop" });
      assert.deepEqual(
        query.also.map(({ name }) => name),
        Object.keys(tags),
      );
    }
  });

  it("trace ids of Jaeger's UI may lack their leading zeros, and stand for all else", () => {
    const query = new Parameters("/api/traces?traceID=1&traceID=AB&traceID=01");
    assert.deepEqual(uiTracesQuery(query, now), {
      traceIds: [`${"0".repeat(31)}1`, `${"0".repeat(30)}ab`],
    });
  });

  it("the service without a name is known to Jaeger's UI by Jaeger's name for it", () => {
    assert.equal(
      (read({ service: "OTLPResourceNoServiceName" }) as { filter: { service: string } }).filter.service,
      "",
    );
  });

  const refused = [
    [{}, /^service: /],
    [{ service: "" }, /^service: /],
    [{ service: "shop", start: "yesterday" }, /^start: /],
    [{ service: "shop", end: "1.5" }, /^end: /],
    [{ service: "shop", start: "5", end: "4" }, /^end: /],
    [{ service: "shop", limit: "0" }, /^limit: /],
    [{ service: "shop", limit: "10001" }, /^limit: /],
    [{ service: "shop", minDuration: "5" }, /^minDuration: /],
    [{ service: "shop", minDuration: "5s", maxDuration: "4s" }, /^maxDuration: /],
    [{ service: "shop", tags: "a=b" }, /^tags: /],
    [{ service: "shop", tags: "[1]" }, /^tags: /],
    [{ service: "shop", tag: "a" }, /^tag: /],
    [{ traceID: "xyz" }, /^traceID: /],
    [{ traceID: "0" }, /^traceID: /],
  ] as const satisfies readonly (readonly [Record<string, string>, RegExp])[];
  for (const [query, name] of refused) {
    it(`a search of Jaeger's UI with ${JSON.stringify(query)} is refused, and the parameter is named`, () => {
      assert.throws(() => read(query), { code: "invalid-argument", message: name });
    });
  }
});
