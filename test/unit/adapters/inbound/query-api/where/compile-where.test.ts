import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import fc from "fast-check";
import { LogRecordSchema, MetricPointSchema, SpanSchema } from "../../../../../../gen/obsvty/v1/query_pb.ts";
import { toMetricPoint } from "../../../../../../src/adapters/inbound/query-api/metric-to-proto.ts";
import { toLogRecord, toSpan } from "../../../../../../src/adapters/inbound/query-api/to-proto.ts";
import { compileWhere } from "../../../../../../src/adapters/inbound/query-api/where/compile-where.ts";
import { UndecidedFilter } from "../../../../../../src/domain/filter.ts";
import type { Attributes, LogRecord, MetricPoint, Span } from "../../../../../../src/domain/telemetry.ts";

const context = {
  ordinal: 1,
  service: "shop",
  resource: { "service.name": "shop" },
  resourceDetails: { schemaUrl: "", droppedAttributesCount: 0, entityRefs: [] },
  scope: { name: "http", version: "1", attributes: {}, droppedAttributesCount: 0, schemaUrl: "" },
  omittedBytes: 0,
  flags: 0,
  droppedAttributesCount: 0,
};
const domainSpan: Span = {
  ...context,
  traceId: "ab".repeat(16),
  spanId: "01".repeat(8),
  parentSpanId: "",
  traceState: "",
  name: "GET /cart",
  kind: 2,
  startUnixNano: 1_700_000_000_000_000_000n,
  endUnixNano: 1_700_000_000_100_000_000n,
  attributes: {
    "http.response.status_code": 500,
    ratio: 0.5,
    list: [1, "x"],
    o: { deep: true },
    nothing: null,
  },
  events: [{ timeUnixNano: 5n, name: "exception", attributes: { type: "E" }, droppedAttributesCount: 0 }],
  links: [],
  status: { code: 2, message: "boom" },
  droppedEventsCount: 0,
  droppedLinksCount: 0,
};
const span = toSpan(domainSpan, "");
const log = toLogRecord(
  {
    ...context,
    timeUnixNano: 0n,
    observedTimeUnixNano: 7n,
    severityNumber: 17,
    severityText: "Error",
    body: { order: { id: 5 } },
    eventName: "",
    attributes: {},
    traceId: "",
    spanId: "",
  } satisfies LogRecord,
  "",
);
const point = toMetricPoint(
  {
    ...context,
    name: "shop.orders",
    description: "",
    unit: "1",
    type: "sum",
    temporality: 2,
    monotonic: true,
    metadata: {},
    startUnixNano: 0n,
    timeUnixNano: 9n,
    attributes: {},
    value: { kind: "int", value: 2n ** 53n + 1n },
    exemplars: [],
  } satisfies MetricPoint,
  "",
);

function matches(text: string, schema: DescMessage = SpanSchema, item: Message = span): boolean {
  return compileWhere(text, schema, "filter.where")(item);
}

describe("an expression sees an item as the API's JSON shows it:", () => {
  for (const [schema, item, texts] of [
    [
      SpanSchema,
      span,
      [
        'attributes["http.response.status_code"] >= 500 && name.startsWith("GET")',
        "attributes.ratio < 1 && attributes.ratio * 2.0 == 1.0",
        'attributes.list[1] == "x" && attributes.o.deep && attributes.nothing == null',
        'kind == "SPAN_KIND_SERVER" && status.code == "STATUS_CODE_ERROR" && status["message"] == "boom"',
        'duration == duration("100ms") && endTime - startTime == duration && duration < duration("1s")',
        'startTime > timestamp("2023-01-01T00:00:00Z") && startTime.getFullYear() == 2023',
        'events.exists(e, e.name == "exception" && e.attributes.type == "E")',
        'attributes.exists_one(k, k.contains("ratio")) && attributes.all(k, size(k) > 0)',
        'events[0].name.matches("^ex.*n$") && name.endsWith("cart") && size(links) == 0',
        '"ratio" in attributes && name in ["GET /cart", "x"] && resource["service.name"] == service',
        'has(attributes.o) && !has(attributes.missing) && scope.name == "http" && parentSpanId == ""',
        'name == "x" ? false : size(name) == 9',
        'attributes.missing == 1 || name == "GET /cart"',
      ],
    ],
    [
      LogRecordSchema,
      log,
      ['severity == "SEVERITY_NUMBER_ERROR" && body.order.id == 5', '!("a" in attributes)'],
    ],
    [MetricPointSchema, point, ['intValue == 9007199254740993 && type == "METRIC_TYPE_SUM" && monotonic']],
  ] as const) {
    for (const text of texts) {
      it(`an expression sees an item as the API's JSON shows it: ${text}`, () => {
        assert.equal(matches(text, schema, item), true);
        assert.equal(matches(`!(${text})`, schema, item), false);
      });
    }
  }
});

test("an item without what an expression needs does not match", () => {
  for (const text of [
    "attributes.missing == 1",
    "attributes.missing != 1",
    "!(attributes.missing == 1)",
    "attributes.ratio.deeper == 1",
    "attributes.list[5] == 1",
    'attributes.ratio > "text"',
    "attributes.ratio",
    "1 / (size(name) - 9) == 1",
    "int(name) == 1",
    "!(double(name) < 1.0)",
    "double(attributes.list[1]) != 1.0",
    "flags == 0",
  ]) {
    assert.equal(matches(text), false, text);
  }
  assert.equal(matches("time == time", LogRecordSchema, log), false);
  assert.equal(matches("doubleValue == doubleValue", MetricPointSchema, point), false);
});

describe("a mistake is refused before there is an item, with its place:", () => {
  for (const [text, message] of [
    ["nam == 'x'", 'there is no "nam" at column 1'],
    ["name == 'x' && status.cod == 1", 'there is no "cod" at column 22'],
    ['status["cod"] == 1', 'there is no "cod" at column 7'],
    ["events.exists(e, e.nam == 1)", 'there is no "nam" at column 19'],
    ["cursor == ''", 'there is no "cursor" at column 1'],
    ["name == 5", "a string and an int cannot be equal at column 6"],
    ["duration > 5", "a duration and an int have no order at column 10"],
    ["events > events", "a list and a list have no order at column 8"],
    ["name", "must be true or false, but this is a string at column 1"],
    ["true &&\n  name", "expected bool, but this is a string at line 2, column 3"],
    ['name + 1 == "x"', "a string and an int cannot be calculated with at column 6"],
    ["-name == 'x'", "expected a number, but this is a string at column 1"],
    ["events['x'] == 1", "expected a number, but this is a string at column 7"],
    ["name['x'] == 1", "expected list or map or object, but this is a string at column 5"],
    ["name.x == 1", 'a string has no "x" at column 5'],
    ["name.startWith('x')", 'there is no method "startWith" at column 5'],
    ["name.contains()", "contains takes 1 argument at column 5"],
    ["startTime.getHours('UTC') == 1", "getHours takes 0 arguments at column 10"],
    ["foo(name)", 'there is no function "foo" at column 1'],
    ["size(duration) == 1", /^expected string or list or map or object, but this is a duration at column 1$/],
    [
      "events.map(e, e.name) == []",
      /^only the macros has, all, exists and exists_one can be used at column 7$/,
    ],
    ["name.all(c, true)", "expected list or map or object, but this is a string at column 5"],
    ["events.all(a, events.all(b, events.all(c, true)))", "at most 2 macros can be nested at column 35"],
    ['name.matches("(")', "this is no pattern of RE2 at column 14"],
    ["name.matches(service)", "a pattern must be a text in quotes at column 14"],
    [`name.matches("${"a".repeat(257)}")`, "a pattern has at most 256 characters at column 14"],
    ['{"a": 1} == attributes', "maps and messages cannot be made in an expression at column 1"],
    ['b"x" == b"x"', "items have no bytes at column 1"],
    ["name == )", /^unexpected = at column \d+$/],
    ["", "unexpected end of input at column 1"],
    ["(".repeat(1_000), "it is nested too deeply"],
    [`${"1+".repeat(100)}1 > 0`, /^it is nested too deeply at column \d+$/],
    ["a".repeat(4_097), "at most 4096 bytes are allowed"],
  ] as const) {
    it(`a mistake is refused before there is an item, with its place: ${text.slice(0, 60)}`, () => {
      assert.throws(
        () => compileWhere(text, SpanSchema, "filter.where"),
        (error: Error) => {
          const told = error.message.replace(/^filter\.where: /, "");
          if (typeof message === "string") assert.equal(told, message);
          else assert.match(told, message);
          return true;
        },
      );
    });
  }
});

/** As many attributes as an item is shown with, and long texts. */
function largeSpan(count: number, value: string) {
  const attributes: Attributes = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`key${i}`, value]),
  );
  return toSpan({ ...domainSpan, name: value, attributes, resource: attributes }, "");
}

describe("of an item for which an expression takes too long, it is told that nothing is known:", () => {
  const many = largeSpan(12_000, "value");
  const long = largeSpan(200, "a".repeat(20_000));
  const needle = `${"a".repeat(128)}b${"a".repeat(127)}`;
  for (const [item, text] of [
    [many, "attributes.all(k, attributes.exists(j, true))"],
    [many, "!attributes.exists(k, attributes.exists(j, j == k + 'x'))"],
    [many, "attributes.all(k, attributes == resource)"],
    [many, `[${"1,".repeat(300)}1].all(x, [${"2,".repeat(300)}2].all(y, x != y))`],
    [long, `attributes.all(k, !attributes[k].contains("${needle}"))`],
    [long, 'attributes.all(k, !attributes[k].matches("(a|aa|b.*c)*d$"))'],
    [long, "attributes.all(k, size(attributes[k]) > 0)"],
    [long, "attributes.all(k, attributes[k] == resource[k])"],
    [long, `${"name+".repeat(50)}name != service`],
    [long, 'attributes.all(k, !attributes[k].matches("a.{400}c"))'],
  ] as const) {
    it(`of an item for which an expression takes too long, it is told that nothing is known: ${text.slice(0, 70)}`, () => {
      assert.throws(() => matches(text, SpanSchema, item), UndecidedFilter);
      // The next item begins anew.
      assert.equal(matches("attributes.all(k, size(k) > 0)"), true);
    });
  }
});

test("of a long text an expression sees the first 16,384 characters, and does not tell what is not there", () => {
  const long = toSpan({ ...domainSpan, name: `${"a".repeat(16_383)}bc` }, "");
  assert.equal(matches('name.endsWith("ab") && size(name) == 16384', SpanSchema, long), true);
  for (const text of ['name.contains("bc")', 'name.matches("b?c")', 'name.endsWith("bc")']) {
    assert.throws(() => matches(text, SpanSchema, long), UndecidedFilter, text);
  }
  assert.equal(matches('name == "GET /cart" || kind == "SPAN_KIND_CLIENT"', SpanSchema, long), false);
});

test("of an item of which only a part is decoded, an expression does not tell what is not there", () => {
  const large = toSpan({ ...domainSpan, omittedBytes: 5 }, "");
  assert.equal(matches("attributes.ratio == 0.5", SpanSchema, large), true);
  assert.throws(() => matches("attributes.ratio == 0.6", SpanSchema, large), UndecidedFilter);
  assert.throws(() => matches("events.exists(e, e.name == 'x')", SpanSchema, large), UndecidedFilter);
  assert.equal(matches('name == "x"', SpanSchema, large), false);
});

describe("a pattern with a class of Unicode, which the library makes in 10 to 100 ms, is refused:", () => {
  for (const pattern of ["\\\\pL", "a\\\\PN+", "[^\\\\p{Greek}]", "(?i)\\\\p{^Lu}", "\\\\p{Any}"]) {
    it(`a pattern with a class of Unicode is refused: ${pattern}`, () => {
      assert.throws(
        () => matches(`name.matches("${pattern}")`),
        /a pattern cannot have classes of Unicode such as \\p\{L\} at column 14$/,
      );
    });
  }
});

test("a pattern takes what looks like a class of Unicode literally where it is quoted", () => {
  assert.equal(matches('"a\\\\pL".matches("^a\\\\Q\\\\pL\\\\E$")'), true);
});

describe("a pattern that needs very many instructions is refused before there is an item:", () => {
  for (const pattern of ["(.{0,100}){10}$", "(?:(?:a?){31}){32}", "[a-z]{600}|[0-9]{600}"]) {
    it(`a pattern that needs very many instructions is refused before there is an item: ${pattern}`, () => {
      assert.throws(() => matches(`name.matches("${pattern}")`), /patterns are too large.* at column 14/);
      const half = `name.matches("a{400}") || name.matches("b{400}") || name.matches("${pattern}")`;
      assert.throws(() => matches(half), /patterns are too large.* at column 66/);
    });
  }
});

test("a pattern goes on to be looked for when what it has built is given back", () => {
  const condition = compileWhere('name.matches("(?:a|b)*a(?:a|b){30}$")', SpanSchema, "where");
  for (let i = 0; i < 400; i++) {
    const random = fc.sample(fc.constantFrom("a", "b"), { numRuns: 60, seed: i }).join("");
    const item = toSpan({ ...domainSpan, name: random }, "");
    assert.equal(condition(item), random.at(-31) === "a");
  }
});

test("whatever the text, it is compiled or refused with its field", () => {
  const words = fc.constantFrom(
    ...[
      "name",
      "attributes",
      "events",
      "e",
      ".",
      "(",
      ")",
      "[",
      "]",
      "==",
      "&&",
      "||",
      "!",
      "-",
      "+",
      "?",
      ":",
    ],
    ...[
      "exists",
      "all",
      "has",
      "in",
      ",",
      '"x"',
      "'",
      "1",
      "1.5",
      "true",
      "null",
      "size",
      "duration",
      "\n",
      "{",
      "}",
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.array(words, { maxLength: 20 }).map((parts) => parts.join(" ")),
    fc.array(words, { maxLength: 20 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (expression) => {
      let condition: (item: Message) => boolean;
      try {
        condition = compileWhere(expression, SpanSchema, "filter.where");
      } catch (error) {
        assert.match((error as Error).message, /^filter\.where: /);
        assert.equal((error as Error).name, "ObsvtyError");
        return;
      }
      assert.equal(typeof condition(span), "boolean");
    }),
    { numRuns: 2_000, interruptAfterTimeLimit: 20_000 },
  );
});
