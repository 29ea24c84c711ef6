/*
 * Telemetry in OTLP/JSON that is made to break what shows it: its texts, its numbers, its times and its amount. All of it
 * keeps to OTLP's rules, so that a server takes it.
 */

/** A time that is as usual, in nanoseconds since the epoch. */
export const usualTime = 1_795_428_000_000_000_000n;

/** What a text may be made of, by what it attacks. */
export const hostileTexts: Readonly<Record<string, string>> = {
  markup: `<img src="https://elsewhere.test/x" onerror="globalThis.hit = 1"><b id="hit">bold</b>`,
  script: "</script><script>globalThis.hit = 1</script>{{hit}}",
  address: "javascript:globalThis.hit=1",
  reversed: "invoice-\u202egnp.exe\u202c",
  isolated: "a\u2066b\u2067c\u2069",
  invisible: "pay\u200bment\u2060s\ufeff\u00ad\u{e0041}",
  control: "one\u0000two\u0007three\u001b[31mfour\u0085\rfive",
  lines: "first\nsecond\r\nthird\tcell\u2028fourth",
  surrogate: "high \ud800 low \udc00 end",
  arabic: "\u0639\u0631\u0628\u064a 123 (x)",
  combining: `z${"\u0301".repeat(400)}`,
  empty: "",
  space: "   ",
  proto: "__proto__",
  constructor: "constructor",
  toString: "toString",
  separator: "a\u001fb;c,d=e&f#g?h/i%2fj",
  template: "%s %n {{1+1}}",
  long: "l".repeat(100_000),
  longWords: "word ".repeat(20_000),
};

const texts = Object.values(hostileTexts);

export function attribute(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

function resourceOf(service: string, attributes: readonly object[] = []): object {
  return { attributes: [attribute("service.name", service), ...attributes] };
}

/** An attribute for each text, once as its key and once as its value. */
const hostileAttributes = texts
  .filter((text) => text !== "")
  .flatMap((text, index) => [attribute(text, "of this key"), attribute(`value.${index}`, text)]);

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");

/** A service for each text that calls the next one, and an operation of the same name. */
export function hostileSpans(): object {
  return {
    resourceSpans: texts.map((text, index) => {
      const span = {
        traceId: hex(1, 32),
        spanId: hex(index + 1, 16),
        parentSpanId: index === 0 ? "" : hex(index, 16),
        kind: 2,
        name: text,
        startTimeUnixNano: String(usualTime),
        endTimeUnixNano: String(usualTime + BigInt(index) * 1_000_000n),
        attributes: hostileAttributes,
        status: index % 3 === 0 ? { code: 2, message: text } : {},
      };
      return { resource: resourceOf(text), scopeSpans: [{ spans: [span] }] };
    }),
  };
}

/** Spans whose times a clock cannot have had: 0, over 2^63, the end before the start. */
export function hostileTimes(): object {
  const times = [
    ["0", "0"],
    ["0", String(usualTime)],
    [String(usualTime), "0"],
    ["1", "2"],
    ["9223372036854775807", "9223372036854775808"],
    ["18446744073709551615", "18446744073709551615"],
    ["1", "18446744073709551615"],
    ["18446744073709551615", "1"],
    [String(usualTime), String(usualTime - 5_000_000_000n)],
  ] as const;
  const spans = times.map(([startTimeUnixNano, endTimeUnixNano], index) => ({
    traceId: hex(100 + index, 32),
    spanId: hex(1, 16),
    name: `from ${startTimeUnixNano} to ${endTimeUnixNano}`,
    startTimeUnixNano,
    endTimeUnixNano,
  }));
  return { resourceSpans: [{ resource: resourceOf("clocks"), scopeSpans: [{ spans }] }] };
}

/** Each service has one operation and is called by another one. */
export function manyServices(count: number): object {
  return {
    resourceSpans: Array.from({ length: count }, (_, index) => ({
      resource: resourceOf(`service ${index}`),
      scopeSpans: [
        {
          spans: [
            {
              traceId: hex(1_000 + (index >> 1), 32),
              spanId: hex(index + 1, 16),
              parentSpanId: index % 2 === 0 ? "" : hex(index, 16),
              kind: 2,
              name: `operation ${index}`,
              startTimeUnixNano: String(usualTime),
              endTimeUnixNano: String(usualTime + BigInt(index)),
            },
          ],
        },
      ],
    })),
  };
}

function nested(depth: number): object {
  let value: object = { stringValue: "the end" };
  for (let level = 0; level < depth; level++) {
    value =
      level % 2 === 0
        ? { arrayValue: { values: [value] } }
        : { kvlistValue: { values: [{ key: `level ${level}`, value }] } };
  }
  return value;
}

/** Log records of all texts, of odd times and severities, with bodies that are large, deep, or none. */
export function hostileLogs(): object {
  const timeUnixNano = String(usualTime);
  const records = [
    ...texts.map((text, index) => ({
      timeUnixNano: String(usualTime + BigInt(index) * 1_000_000_000n),
      severityNumber: (index % 24) + 1,
      severityText: text,
      eventName: text,
      body: { stringValue: text },
      attributes: hostileAttributes,
    })),
    {},
    { body: {} },
    { observedTimeUnixNano: timeUnixNano, body: { stringValue: "observed alone" } },
    { timeUnixNano, severityNumber: 0, severityText: "", body: { stringValue: "severity 0" } },
    { timeUnixNano, severityNumber: 255, body: { stringValue: "severity 255" } },
    { timeUnixNano, severityNumber: -1, body: { stringValue: "severity -1" } },
    { timeUnixNano: "9223372036854775808", body: { stringValue: "time 2^63" } },
    { timeUnixNano: "18446744073709551615", body: { stringValue: "time 2^64-1" } },
    { timeUnixNano: "1", body: { stringValue: "time 1" } },
    { timeUnixNano, body: { stringValue: `begin ${"m".repeat(1 << 20)}` } },
    { timeUnixNano, body: { stringValue: `{"json":${"[".repeat(5_000)}${"]".repeat(5_000)}}` } },
    { timeUnixNano, body: { stringValue: `<p>${"- item **bold** [x](https://x.test)\n".repeat(1_000)}` } },
    // Each level takes two or three messages, of which OTLP's parsers take about 64 in each other.
    { timeUnixNano, body: nested(20) },
    { timeUnixNano, body: { bytesValue: "AAECAwQ=" } },
    { timeUnixNano, body: { intValue: "9223372036854775807" } },
    { timeUnixNano, body: { doubleValue: "NaN" } },
    { timeUnixNano, body: { doubleValue: -0 } },
    { timeUnixNano, body: { boolValue: false } },
    {
      timeUnixNano,
      body: { stringValue: "2,000 attributes" },
      attributes: Array.from({ length: 2_000 }, (_, index) => attribute(`key ${index}`, `value ${index}`)),
    },
    {
      timeUnixNano,
      traceId: "a".repeat(32),
      spanId: "b".repeat(16),
      body: { stringValue: "of a trace that is not held" },
    },
  ];
  return {
    resourceLogs: [
      ...texts.map((text) => ({
        resource: resourceOf(text),
        scopeLogs: [{ logRecords: records.slice(0, 1) }],
      })),
      { resource: resourceOf("logs", hostileAttributes), scopeLogs: [{ logRecords: records }] },
    ],
  };
}

const cumulative = 2;

/** Numbers that a metric may have. */
const doubles = ["NaN", "Infinity", "-Infinity", -0, 1e308, -1e308, 5e-324, 1.7976931348623157e308, 0.1];
const integers = ["9223372036854775807", "-9223372036854775808", "0", "9007199254740993"];

/** Metrics of all texts, numbers and kinds. The names of those whose numbers are odd begin with `odd.`. */
export function hostileMetrics(now: bigint): object {
  const at = (step: number) => ({
    startTimeUnixNano: String(now - 600_000_000_000n),
    timeUnixNano: String(now - BigInt(60 - step) * 1_000_000_000n),
  });
  const each = <Value>(values: readonly Value[], point: (value: Value, step: number) => object) =>
    values.map((value, step) => ({ ...at(step), ...point(value, step) }));
  const histogram = (name: string, ...points: readonly object[]) => ({
    name,
    unit: "s",
    histogram: { aggregationTemporality: cumulative, dataPoints: points },
  });
  const exponential = (name: string, ...points: readonly object[]) => ({
    name,
    unit: "By",
    exponentialHistogram: { aggregationTemporality: cumulative, dataPoints: points },
  });
  const buckets = { count: 3, sum: 6, positive: { offset: 0, bucketCounts: [1, 1, 1] } };
  const metrics = [
    ...texts.map((text) => ({
      name: text === "" ? "named" : text,
      unit: text,
      description: text,
      gauge: { dataPoints: [{ ...at(0), asDouble: 1, attributes: hostileAttributes }] },
    })),
    { name: "odd.doubles", unit: "s", gauge: { dataPoints: each(doubles, (asDouble) => ({ asDouble })) } },
    {
      name: "odd.huge",
      unit: "By",
      gauge: { dataPoints: each([1e308, -1e308], (asDouble) => ({ asDouble })) },
    },
    { name: "odd.nan", gauge: { dataPoints: each(["NaN"], (asDouble) => ({ asDouble })) } },
    { name: "odd.integers", unit: "1", gauge: { dataPoints: each(integers, (asInt) => ({ asInt })) } },
    {
      name: "odd.counter",
      unit: "{x}",
      sum: {
        aggregationTemporality: cumulative,
        isMonotonic: true,
        dataPoints: each(doubles, (asDouble) => ({ asDouble })),
      },
    },
    {
      name: "odd.times",
      gauge: {
        dataPoints: ["1", "9223372036854775808", "18446744073709551615"].map((timeUnixNano) => ({
          timeUnixNano,
          asDouble: 1,
        })),
      },
    },
    { name: "odd.no value", gauge: { dataPoints: [{ ...at(0), flags: 1 }] } },
    { name: "odd.kinds", unit: "s", gauge: { dataPoints: [{ ...at(0), asDouble: 1 }] } },
    { name: "odd.kinds", unit: "ms", gauge: { dataPoints: [{ ...at(1), asDouble: 1 }] } },
    {
      name: "odd.kinds",
      unit: "s",
      sum: { aggregationTemporality: 1, dataPoints: [{ ...at(2), asInt: "5" }] },
    },
    histogram(
      "odd.buckets",
      ...[1, 2, 3].map((factor) => ({
        ...at(factor * 5),
        count: 10_001 * factor,
        sum: 1,
        bucketCounts: Array.from({ length: 10_001 }, () => factor),
        explicitBounds: Array.from({ length: 10_000 }, (_, bound) => bound),
      })),
    ),
    histogram("odd.no buckets", { ...at(1), count: 3, sum: 6 }, { ...at(9), count: 5, sum: "NaN" }),
    histogram("odd.empty", at(1)),
    histogram("odd.bounds", {
      ...at(1),
      count: 4,
      sum: "Infinity",
      bucketCounts: [1, 1, 1, 1],
      explicitBounds: [-1e308, 0, 1e308],
    }),
    exponential(
      "odd.scales",
      ...[-10, -11, 20, 21].map((scale, step) => ({ ...at(step), ...buckets, scale })),
    ),
    exponential("odd.scale max", { ...at(1), ...buckets, scale: 2_147_483_647 }),
    exponential("odd.scale min", { ...at(1), ...buckets, scale: -2_147_483_648 }),
    exponential("odd.offset", {
      ...at(1),
      count: 3,
      scale: 0,
      positive: { offset: 2_147_483_647, bucketCounts: [1, 1, 1] },
      negative: { offset: -2_147_483_648, bucketCounts: [1] },
    }),
    { name: "odd.summary", unit: "s", summary: { dataPoints: [{ ...at(1), count: 3, sum: 6 }] } },
    {
      name: "odd.quantiles",
      unit: "s",
      summary: {
        dataPoints: [
          {
            ...at(1),
            count: 3,
            sum: 6,
            quantileValues: [
              { quantile: 0.5, value: "NaN" },
              { quantile: 2, value: 1 },
            ],
          },
        ],
      },
    },
    {
      name: "odd.exemplars",
      gauge: {
        dataPoints: [
          {
            ...at(1),
            asDouble: 1,
            exemplars: doubles.map((asDouble, index) => ({
              timeUnixNano: index % 2 === 0 ? "18446744073709551615" : String(now),
              asDouble,
              traceId: "a".repeat(32),
              spanId: "b".repeat(16),
            })),
          },
        ],
      },
    },
  ];
  return { resourceMetrics: [{ resource: resourceOf("metrics"), scopeMetrics: [{ metrics }] }] };
}

/** Metrics in alphabetical order before all others. */
export function manyMetrics(count: number, now: bigint): object {
  const metrics = Array.from({ length: count }, (_, index) => ({
    name: `amount.${String(index).padStart(5, "0")}`,
    gauge: { dataPoints: [{ timeUnixNano: String(now), asDouble: index }] },
  }));
  return { resourceMetrics: [{ resource: resourceOf("metrics"), scopeMetrics: [{ metrics }] }] };
}

/** One metric of so many series. */
export function manySeries(count: number, now: bigint): object {
  const dataPoints = Array.from({ length: count }, (_, index) => ({
    timeUnixNano: String(now),
    asDouble: index,
    attributes: [attribute("series", String(index))],
  }));
  const metrics = [{ name: "odd.series", gauge: { dataPoints } }];
  return { resourceMetrics: [{ resource: resourceOf("metrics"), scopeMetrics: [{ metrics }] }] };
}

/** Profiles: one so deep, one whose functions call themselves, and one whose indices lead nowhere. */
export function hostileProfiles(depth: number): object {
  const named = texts.length;
  const functionTable = [
    {},
    ...texts.map((_, index) => ({ nameStrindex: index + 3, filenameStrindex: index + 3 })),
  ];
  const locationTable = [
    {},
    ...functionTable.slice(1).map((_, index) => ({ lines: [{ functionIndex: index + 1 }] })),
  ];
  const locations = Array.from({ length: depth }, (_, level) => (level % named) + 1);
  const profile = (typeStrindex: number, ...samples: readonly object[]) => ({
    sampleType: { typeStrindex, unitStrindex: 2 },
    timeUnixNano: String(usualTime),
    samples,
  });
  return {
    resourceProfiles: texts.map((text) => ({
      resource: resourceOf(text),
      scopeProfiles: [
        {
          profiles: [
            profile(
              1,
              { stackIndex: 1, values: ["9223372036854775807"] },
              { stackIndex: 2, values: ["1"] },
              { stackIndex: 3, values: ["-5"] },
              { stackIndex: 4, values: ["1"] },
            ),
          ],
        },
      ],
    })),
    dictionary: {
      stringTable: ["", "cpu", "nanoseconds", ...texts],
      mappingTable: [{}],
      linkTable: [{}],
      functionTable: [...functionTable, {}],
      locationTable: [...locationTable, { lines: [{ functionIndex: named + 1 }] }, { address: "255" }],
      stackTable: [
        {},
        { locationIndices: locations },
        { locationIndices: [1, 1, 1, 2, 1, 2, 1] },
        { locationIndices: [named + 1, named + 2] },
        { locationIndices: locations.slice(0, 100) },
      ],
      attributeTable: [{}],
    },
  };
}
