import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs, ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  LogRecordSchema,
  MetricPointSchema,
  MetricType,
  SpanSchema,
  TraceSummarySchema,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import type { View } from "../../../../src/cli/output/line.ts";
import { logLine } from "../../../../src/cli/output/log-line.ts";
import { metricLine } from "../../../../src/cli/output/metric-line.ts";
import { spanLine } from "../../../../src/cli/output/span-line.ts";
import { summaryLines } from "../../../../src/cli/output/summary-line.ts";
import { byteFigure, table, turnedTable } from "../../../../src/cli/output/table.ts";
import { traceTree } from "../../../../src/cli/output/trace-tree.ts";
import { apiSpan } from "../../../support/spans.ts";

process.env.TZ = "UTC";

const plain: View = {
  columns: Number.POSITIVE_INFINITY,
  paint: (_style, text) => text,
  nowMs: Date.UTC(2026, 10, 23, 12),
};
const styled: View = { ...plain, paint: (style, text) => `<${style}>${text}</>` };
const time = timestampFromMs(Date.UTC(2026, 10, 23, 10, 0, 1, 23));

function log(fields: MessageInitShape<typeof LogRecordSchema>) {
  return create(LogRecordSchema, { time, service: "shop", severity: 17, ...fields } as never);
}

const text = (value: string) => create(ValueSchema, { kind: { case: "stringValue", value } });

describe("a log record is one line", () => {
  for (const [what, record, shown] of [
    [
      "with all its fields",
      log({
        severityText: "Error",
        eventName: "order.failed",
        body: text("card declined"),
        attributes: { "cart.id": "c3", items: 7, tags: ["a"] },
        traceId: "a".repeat(32),
      }),
      `10:00:01.023  Error  shop  order.failed  card declined  cart.id=c3 items=7 tags=["a"]  trace ${"a".repeat(32)}`,
    ],
    [
      "with the severity's name when it has no text",
      log({ body: text("x") }),
      "10:00:01.023  ERROR  shop  x",
    ],
    ["without a severity", log({ severity: 0, body: text("x") }), "10:00:01.023  -      shop  x"],
    ["with an unknown severity", log({ severity: 99 as never }), "10:00:01.023  99     shop"],
    [
      "with a structured body as JSON",
      log({
        body: create(ValueSchema, {
          kind: {
            case: "structValue",
            value: { fields: { id: { kind: { case: "numberValue", value: 7 } } } },
          },
        }),
      }),
      '10:00:01.023  ERROR  shop  {"id":7}',
    ],
    [
      "with line ends escaped and ANSI sequences left out",
      log({ body: text("one\n\x1b[31mtwo\x1b[0m"), attributes: { nested: ["\x1b[1mbold"] } }),
      '10:00:01.023  ERROR  shop  one\\ntwo  nested=["bold"]',
    ],
  ] as const) {
    test(`the line of a log record: ${what}`, () => assert.equal(logLine(record, plain), shown));
  }

  test("a log record's line has the observed time when it has no other, or none", () => {
    const observed = log({ observedTime: timestampFromMs(Date.UTC(2026, 10, 23, 23, 59, 59, 999)) });
    delete observed.time;
    assert.equal(logLine(observed, plain), "23:59:59.999  ERROR  shop");
    delete observed.observedTime;
    assert.equal(logLine(observed, plain), "              ERROR  shop");
  });

  test("a log record's line is coloured by its severity", () => {
    for (const [severity, style] of [
      [5, "dim"],
      [9, "green"],
      [13, "yellow"],
      [21, "red"],
    ] as const) {
      assert.match(logLine(log({ severity }), styled), new RegExp(`<${style}>\\w+ *</>`));
    }
  });
});

describe("a data point is one line", () => {
  const point = (fields: object) =>
    create(MetricPointSchema, {
      name: "shop.amount",
      type: MetricType.SUM,
      unit: "EUR",
      time,
      service: "shop",
      ...fields,
    } as never);
  const distribution = { count: 2n, sum: 0.3, min: 0.1, max: 0.2 };
  for (const [what, value, shown] of [
    ["with an integer", { case: "intValue", value: 9_007_199_254_740_993n }, "9007199254740993 EUR"],
    ["with a double", { case: "doubleValue", value: 1_000_204_886_016 }, "1000204886016 EUR"],
    [
      "with a histogram",
      { case: "histogram", value: distribution },
      "count 2 sum 0.3 mean 0.15 min 0.1 max 0.2 EUR",
    ],
    [
      "with an exponential histogram of a count alone",
      { case: "exponentialHistogram", value: { count: 0n } },
      "count 0",
    ],
    [
      "with a summary",
      { case: "summary", value: { count: 4n, sum: 10, quantiles: [{ quantile: 0.99, value: 4 }] } },
      "count 4 sum 10 p99 4 EUR",
    ],
    ["without a value", { case: undefined }, "no value"],
  ] as const) {
    test(`the line of a data point: ${what}`, () =>
      assert.equal(metricLine(point({ value }), plain), `10:00:01.023  shop  shop.amount  ${shown}`));
  }

  test("a data point's line has its attributes, and no unit 1", () => {
    const value = { case: "intValue", value: 3n };
    assert.equal(
      metricLine(point({ value, unit: "1", attributes: { outcome: "paid" } }), plain),
      "10:00:01.023  shop  shop.amount  3  outcome=paid",
    );
  });
});

test("a span is one line", () => {
  const span = apiSpan({ id: "1", tookMs: 1.5, error: "boom" });
  span.attributes = { "http.route": "/cart" };
  assert.equal(
    spanLine(span, plain),
    `10:00:00.000   1.5 ms  shop  span 1  ✗ boom  ${"a".repeat(32)}  http.route=/cart`,
  );
  assert.equal(spanLine(span, { ...plain, columns: 30 }), "10:00:00.000   1.5 ms  shop  …");
});

describe("traces are lines with the name first and the id last,", () => {
  const trace = (fields: MessageInitShape<typeof TraceSummarySchema>) =>
    create(TraceSummarySchema, {
      traceId: "b".repeat(32),
      rootName: "GET /cart",
      services: ["cart", "shop"],
      spanCount: 3,
      startTime: time,
      duration: { seconds: 61n, nanos: 0 },
      ...fields,
    } as never);
  const bare = { ...trace({}), traceId: "c".repeat(32), rootName: "", firstSpanName: "", services: [] };
  bare.spanCount = 1;
  delete bare.startTime;
  delete bare.duration;
  const traces = [trace({ errorCount: 1 }), bare];

  test("lines of traces are not cut where there is room", () => {
    for (const columns of [120, Number.POSITIVE_INFINITY]) {
      assert.deepEqual(summaryLines(traces, { ...plain, columns }), [
        `GET /cart  cart, shop  3 spans  1 error   1m 01s  10:00:01.023  ${"b".repeat(32)}`,
        `(no root held)  1 span                         -                ${"c".repeat(32)}`,
      ]);
    }
  });

  test("lines of traces have names and services cut, and counts short but whole, on 80 columns", () => {
    const long = trace({ rootName: "GET /api/v1/organizations", spanCount: 1_234, errorCount: 56 });
    assert.deepEqual(summaryLines([...traces, long], { ...plain, columns: 80 }), [
      `GET /cart  cart, shop  3 spans  1 error      1m 01s  10:00:01.023  ${"b".repeat(12)}…`,
      `(no root held)  1 span                            -                ${"c".repeat(12)}…`,
      `GET /api/v1/organi…  1234 spans  56 errors   1m 01s  10:00:01.023  ${"b".repeat(12)}…`,
    ]);
    assert.deepEqual(summaryLines([bare], { ...plain, columns: 80 }), [
      `(no root held)  1 span        -                ${"c".repeat(32)}`,
    ]);
  });

  test("lines of traces have short counts on 60 columns, and no times on 50", () => {
    assert.deepEqual(summaryLines(traces, { ...plain, columns: 60 }), [
      `GET /cart  cart…  3 ✗1   1m 01s  10:00:01.023  ${"b".repeat(12)}…`,
      `(no root held)  1             -                ${"c".repeat(12)}…`,
    ]);
    assert.deepEqual(summaryLines(traces, { ...plain, columns: 50 }), [
      `GET /cart  cart, sh…  3 ✗1   1m 01s  ${"b".repeat(12)}…`,
      `(no root held)  1                 -  ${"c".repeat(12)}…`,
    ]);
  });

  test("lines of traces have the name of the first span where no root is held", () => {
    const orphan = trace({ rootName: "", firstSpanName: "GET /cart", services: [] });
    const unnamed = trace({ rootName: "", services: [] });
    assert.deepEqual(summaryLines([orphan, unnamed], plain), [
      `GET /cart  (no root held)  3 spans   1m 01s  10:00:01.023  ${"b".repeat(32)}`,
      `(no name)  3 spans                   1m 01s  10:00:01.023  ${"b".repeat(32)}`,
    ]);
  });

  test("no traces are printed as no lines", () => assert.deepEqual(summaryLines([], plain), []));
});

test("a time of another day has its date, in lines of every kind", () => {
  // Milliseconds that were sent as nanoseconds.
  const early = timestampFromMs(1_795_656);
  const shown = "1970-01-01 00:29:55.656  ";
  const span = { ...apiSpan({ id: "1" }), startTime: early };
  assert.ok(spanLine(span, plain).startsWith(shown));
  assert.ok(logLine(log({ time: early }), plain).startsWith(shown));
  const point = create(MetricPointSchema, { name: "up", time: early });
  assert.equal(metricLine(point, plain), `${shown}up  no value`);
  const summary = create(TraceSummarySchema, { startTime: early });
  assert.ok(summaryLines([summary], plain)[0]?.endsWith(shown.trim()));
  const tomorrow = { ...plain, nowMs: plain.nowMs + 86_400_000 };
  assert.ok(spanLine(apiSpan({ id: "1" }), tomorrow).startsWith("2026-11-23 10:00:00.000  "));
});

test("the whole line of an item, a tree or a trace is bounded without a terminal too", () => {
  const huge = "\u0007".repeat(20_000);
  const attributes = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}${huge}`, huge]));
  const span = Object.assign(apiSpan({ id: "1", name: huge, service: huge, error: huge }), { attributes });
  const point = create(MetricPointSchema, { time, service: huge, name: huge, unit: huge, attributes });
  const summary = create(TraceSummarySchema, { rootName: huge, services: [huge], traceId: "a".repeat(32) });
  for (const each of [
    logLine(log({ service: huge, severityText: huge, eventName: huge, body: text(huge), attributes }), plain),
    spanLine(span, plain),
    metricLine(point, plain),
    ...traceTree([span, apiSpan({ id: "2", parent: "3" })], plain, { verbose: true }),
    ...summaryLines([summary], plain),
    ...table(["service"], [[huge]], plain),
  ]) {
    assert.ok(each.length <= 8_300, `${each.length}`);
  }
});

test("a large item is a bounded line that says how much it leaves out", () => {
  const large = "x".repeat(140_000);
  const span = apiSpan({ id: "1", name: large });
  span.attributes = { prompt: large, "http.route": "/cart" };
  const shown = spanLine(span, plain);
  assert.match(shown, / {2}x{4096}… \(135,904 more characters\) {2}/);
  assert.match(shown, / prompt=x{1024}… \(138,976 more characters\) http\.route=\/cart$/);
  const body = logLine(log({ body: text(large) }), plain);
  assert.match(body, /^10:00:01\.023 {2}ERROR {2}shop {2}x{4096}… \(135,904 more characters\)$/);
});

describe("where a line does not fit,", () => {
  const service = "checkout-service-in-production";
  const cut = { ...plain, columns: 60 };

  test("a long service leaves room for the body of a log record", () => {
    assert.equal(
      logLine(log({ service, body: text("card declined by the bank of the customer") }), cut),
      "10:00:01.023  ERROR  checkout-se…  card declined by the ban…",
    );
    assert.equal(
      logLine(log({ service, body: text("ok") }), cut),
      "10:00:01.023  ERROR  checkout-service-in-production  ok",
    );
  });

  test("a long service and a long name leave room for the value of a data point", () => {
    const name = "http.server.request.duration";
    const point = create(MetricPointSchema, {
      time,
      service,
      name,
      value: { case: "doubleValue", value: 0.5 },
    });
    assert.equal(metricLine(point, cut), "10:00:01.023  checkout-se…  http.server.request…  0.5");
  });

  test("the line of a failed item has the beginning of its trace id at 80 columns", () => {
    const view = { ...plain, columns: 80 };
    const traceId = "ab".repeat(16);
    const body = text("order c3 failed: card declined");
    const span = { ...apiSpan({ id: "1", tookMs: 1.5, error: "card declined" }), name: "POST /checkout" };
    const long = { ...span, name: "POST /checkout/".repeat(5) };
    for (const [shown, id] of [
      [logLine(log({ body, attributes: { "cart.id": "c3" }, traceId }), view), "trace abababab"],
      [logLine(log({ body: text("declined ".repeat(20)), traceId }), view), "trace abababab"],
      [spanLine({ ...span, attributes: { "cart.id": "c3" } }, view), "aaaaaaaa"],
      [spanLine(long, view), "aaaaaaaa"],
    ] as const) {
      assert.match(shown, new RegExp(`  ${id}[ab]*…$`));
      assert.ok(shown.length <= 80, shown);
    }
  });

  test("on a narrow terminal a trace id is cut to 8 digits or more, or not shown", () => {
    const traceId = "a".repeat(32);
    const span = apiSpan({ id: "1", tookMs: 1.5 });
    assert.equal(
      spanLine(span, { ...plain, columns: 71 }),
      `10:00:00.000   1.5 ms  shop  span 1  ${traceId}`,
    );
    assert.equal(
      spanLine(span, { ...plain, columns: 68 }),
      `10:00:00.000   1.5 ms  shop  span 1  ${"a".repeat(30)}…`,
    );
    assert.equal(spanLine(span, { ...plain, columns: 45 }), "10:00:00.000   1.5 ms  shop  span 1  …");
    assert.equal(
      logLine(log({ body: text("x"), traceId }), cut),
      `10:00:01.023  ERROR  shop  x  trace ${"a".repeat(23)}…`,
    );
  });
});

test("a table has names aligned left and figures aligned right", () => {
  assert.deepEqual(
    table(
      ["service", "spans"],
      [
        ["shop", "1,234"],
        ["漢字", "7"],
      ],
      plain,
    ),
    ["service  spans", "shop     1,234", "漢字         7"],
  );
  assert.deepEqual([0, 1_023, 1_536, 2 ** 40 * 2_000].map(byteFigure), [
    "0 B",
    "1023 B",
    "1.5 KiB",
    "2000.0 TiB",
  ]);
});

test("a table cuts its names, and never its figures, to the columns", () => {
  const rows = [
    ["checkout-service", "1,234"],
    ["漢字漢字漢字", "7"],
  ];
  assert.deepEqual(table(["service", "spans"], rows, { ...plain, columns: 16 }), [
    "service    spans",
    "checkout…  1,234",
    "漢字漢字…      7",
  ]);
});

test("a table of statistics has its rows as columns where they are too long for the terminal", () => {
  const headings = ["", "items", "bytes", "evicted"];
  const rows = [
    ["traces", "10,000", "4.7 MiB", "1,234,567"],
    ["logs", "0", "0 B", "0"],
  ];
  const upright = [
    "         items    bytes    evicted",
    "traces  10,000  4.7 MiB  1,234,567",
    "logs         0      0 B          0",
  ];
  assert.deepEqual(turnedTable(headings, rows, { ...plain, columns: 34 }), upright);
  assert.deepEqual(turnedTable(headings, rows, { ...plain, columns: 33 }), [
    "            traces  logs",
    "items       10,000     0",
    "bytes      4.7 MiB   0 B",
    "evicted  1,234,567     0",
  ]);
});

describe("a line says how many bytes of its item the server did not decode:", () => {
  const omittedBytes = 12_345;
  const span = create(SpanSchema, { omittedBytes });
  for (const [what, line] of [
    ["a span", spanLine(span, plain)],
    ["a log record", logLine(log({ omittedBytes }), plain)],
    ["a data point", metricLine(create(MetricPointSchema, { omittedBytes }), plain)],
    ["a span of a tree", traceTree([span], plain).join("\n")],
  ] as const) {
    test(`${what} says how many bytes the server did not decode`, () =>
      assert.match(line, /\(12,345 bytes not decoded\)/));
  }
});

test("a data point shows its scope's attributes, in which alone two series may differ", () => {
  const point = create(MetricPointSchema, { name: "up", scope: { attributes: { shard: "a" } } });
  assert.match(metricLine(point, plain), /up {2}no value {2}scope shard=a$/);
});
