// What `odd-json.ts` puts in place of what was there.

/** Names of fields, known and unknown. */
export const oddNames = [
  ..."attributes resource scope name key value links events status kind flags unit metadata schemaUrl body".split(
    " ",
  ),
  ..."stringValue boolValue intValue doubleValue arrayValue kvlistValue bytesValue values".split(" "),
  ..."traceId spanId parentSpanId profileId timeUnixNano start_time_unix_nano severityNumber severity_text".split(
    " ",
  ),
  ..."gauge sum histogram exponentialHistogram summary dataPoints data_points asInt asDouble exemplars".split(
    " ",
  ),
  ..."resourceSpans resourceLogs resourceMetrics scopeSpans scope_spans spans logRecords metrics count max".split(
    " ",
  ),
  ..."dictionary stringTable locationIndices bucketCounts explicitBounds aggregationTemporality isMonotonic".split(
    " ",
  ),
  ..."nobody __proto__ constructor \u00e9\u{1f600} \ud800".split(" "),
  "",
  "n".repeat(80),
] as const satisfies readonly string[];

/** Numbers as they may be written. */
export const oddNumbers = [
  "0 -0 1 -1 2 5.0 1.5 1e3 1E+2 1.0e-2 1e999 -1e999 1e-999 5e-324 2.2250738585072011e-308 1.7976931348623157e308",
  "9007199254740991 9007199254740992 9007199254740993 -9007199254740993 9007199254740993.0 1e15 1e19 1e20",
  "9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 9223372036854776000",
  "18446744073709551615 18446744073709551616 18446744073709551620 99999999999999999999 100000000000000000000",
  "2147483647 2147483648 -2147483648 -2147483649 4294967295 4294967296 4294967295.0 123456789012345678901234567890",
  "0.1 0.30000000000000004 123.456 8.41 9.5e-7 7.2057594037927933e16 9007199254740993e3 0.000001234567890123456789",
]
  .join(" ")
  .split(" ");

/** Texts that may stand for something else, and texts that are hard to write. */
export const oddTexts = [
  ...oddNumbers,
  ..."007 +5 +9007199254740993 5. .5 . - + 1e 1e+ 0x10 1_000 1,5 NaN Infinity -Infinity +Infinity nan true".split(
    " ",
  ),
  ..."000009007199254740993 00000000000000000000001 00000000000000000001 \u0661".split(" "),
  ..."SPAN_KIND_SERVER STATUS_CODE_ERROR SEVERITY_NUMBER_INFO AGGREGATION_TEMPORALITY_DELTA SPAN_KIND_NEW".split(
    " ",
  ),
  ..."5B8EFFF798038103d269b633813fc60c eee19b7ec3c1b174 abc xyz 5b8efff7-9803-8103-d269-b633813fc60c".split(
    " ",
  ),
  ..."+/8= -_8 -_8= AAAA AAAA== A A= AB= AB== ABC ABC= ABC== == === W47/95gDgQPSabYzgT/GDA== 7uGbfsPBsXQ=".split(
    " ",
  ),
  ...[
    "",
    " 5",
    "5 ",
    '"',
    "\\",
    "/",
    "\b\f\n\r\t",
    "\0\u001f",
    "\u007f\u0080\u07ff\u0800\uffff",
    "\u{10000}\u{10ffff}",
  ],
  ...[
    "\ud800",
    "\udc00\ud800",
    "a\ud800b",
    "\ud83d\ude00",
    "t".repeat(127),
    "t".repeat(128),
    "\u20ac".repeat(50),
  ],
] as const;
