import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { CodeSchema } from "../../../gen/google/rpc/code_pb.ts";
import type * as pb from "../../../gen/obsvty/v1/query_pb.ts";
import type { MetricType as MetricTypeEnum } from "../../../gen/obsvty/v1/query_pb.ts";
import type { SeverityNumber } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import type { AggregationTemporality } from "../../../gen/opentelemetry/proto/metrics/v1/metrics_pb.ts";
import type { Span_SpanKind, Status_StatusCode } from "../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { LogFilter, MetricFilter, SpanFilter } from "../../../src/testing/filters.ts";
import { statusName } from "../../../src/testing/internal/status-name.ts";
import type * as items from "../../../src/testing/items.ts";

/** The fields of a message; those of the one `oneof`, by the names that JSON has. */
type Fields<M extends Message> =
  | Exclude<keyof M, keyof Message | "value">
  | (M extends { value: infer Value } ? CaseOf<Value> : never);
type CaseOf<Value> = Value extends { case: infer Case extends string } ? Case : never;
type Names<Prefix extends string, Enum> = `${Prefix}${Enum & string}`;

/** Does not compile when the two are not the same. */
function same<A, B>(_is: [A] extends [B] ? ([B] extends [A] ? true : false) : false): void {}

test("the types of items and filters have the fields and enums of the API", () => {
  same<keyof items.Span, Fields<pb.Span>>(true);
  same<keyof items.SpanEvent, Fields<pb.SpanEvent>>(true);
  same<keyof items.SpanLink, Fields<pb.SpanLink>>(true);
  same<keyof items.Span["status"], Fields<pb.SpanStatus>>(true);
  same<keyof items.Scope, Fields<pb.Scope>>(true);
  same<keyof items.ResourceDetails, Fields<pb.ResourceDetails>>(true);
  same<keyof items.ResourceDetails["entityRefs"][number], Fields<pb.EntityRef>>(true);
  same<keyof items.LogRecord, Fields<pb.LogRecord>>(true);
  same<keyof items.MetricPoint, Fields<pb.MetricPoint>>(true);
  same<keyof items.Exemplar, Fields<pb.Exemplar>>(true);
  same<keyof items.Histogram, Fields<pb.Histogram>>(true);
  same<keyof items.ExponentialHistogram, Fields<pb.ExponentialHistogram>>(true);
  same<keyof items.Buckets, Fields<pb.ExponentialHistogram_Buckets>>(true);
  same<keyof items.Summary, Fields<pb.Summary>>(true);
  same<keyof items.Summary["quantiles"][number], keyof { quantile: 0; value: 0 }>(true);

  same<items.SpanKind, Names<"SPAN_KIND_", keyof typeof Span_SpanKind>>(true);
  same<items.StatusCode, Names<"STATUS_CODE_", keyof typeof Status_StatusCode>>(true);
  same<items.Severity, Names<"SEVERITY_NUMBER_", keyof typeof SeverityNumber>>(true);
  same<items.MetricType | "METRIC_TYPE_UNSPECIFIED", Names<"METRIC_TYPE_", keyof typeof MetricTypeEnum>>(
    true,
  );
  same<items.Temporality, Names<"AGGREGATION_TEMPORALITY_", keyof typeof AggregationTemporality>>(true);

  same<Exclude<keyof SpanFilter, "where">, Exclude<Fields<pb.SpanFilter>, "where">>(true);
  same<Exclude<keyof LogFilter, "where">, Exclude<Fields<pb.LogFilter>, "where">>(true);
  same<Exclude<keyof MetricFilter, "where" | "value">, Exclude<Fields<pb.MetricFilter>, "where">>(true);
});

test("a status has its name in google.rpc.Code", () => {
  const names = CodeSchema.values.map(({ number }) => statusName(number));
  assert.equal(names[0], "OK");
  assert.equal(names[14], "UNAVAILABLE");
  assert.equal(new Set(names).size, 17);
});
