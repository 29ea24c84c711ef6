import type { HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import type { CommonFilter, LogFilter, MetricFilter, SpanFilter } from "../../../domain/filter.ts";
import { type GroupBy, type GroupField, groupFields, maxGroupBy } from "../../../domain/grouping.ts";
import { parseSpanId, parseTraceId } from "../../../domain/ids.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import type { MetricType } from "../../../domain/telemetry.ts";
import { foldCase } from "../../../use-cases/filter/text-match.ts";
import type { AnswerShare } from "../../../use-cases/read/answer-memory.ts";
import type { AnswerQuery, PageQuery } from "../../../use-cases/read/page-query.ts";
import { noSuchValue } from "../api/enum-names.ts";
import { checkWindow, durationNano, unixNano } from "../api/time-arguments.ts";
import { fromMetricType } from "./metric-types.ts";

/*
 * This file makes queries as the core knows them of requests as callers send them. Protobuf cannot tell 0, an empty
 * string and an unspecified enum value from an absent field, unless the field is optional: they count as absent. Every
 * refusal names the field; `path` is the path of a filter in the request.
 */

/** The fields of an answer beside its list take less, in binary and in JSON: cursors and counts. */
const envelopeBytes = 1_024;

interface AnswerRequest {
  readonly after: string;
  readonly maxBytes: number;
}

interface PageRequest extends AnswerRequest {
  readonly limit: number;
  readonly before: string;
  readonly newest: boolean;
}

export function toAnswerQuery(
  { after, maxBytes }: AnswerRequest,
  { signal: abort }: Pick<HandlerContext, "signal">,
  share: AnswerShare,
): AnswerQuery {
  return {
    ...(after !== "" && { after }),
    ...(maxBytes !== 0 && { maxBytes }),
    envelopeBytes,
    share,
    abort,
  };
}

export function toPageQuery(
  request: PageRequest,
  context: Pick<HandlerContext, "signal">,
  share: AnswerShare,
): PageQuery {
  const { limit, before, newest } = request;
  return {
    ...toAnswerQuery(request, context, share),
    ...(limit !== 0 && { limit }),
    ...(before !== "" && { before }),
    newest,
  };
}

/** A query of a method whose answer has no next page. */
export function toListQuery(
  { limit, maxBytes }: Pick<PageRequest, "limit" | "maxBytes">,
  context: Pick<HandlerContext, "signal">,
  share: AnswerShare,
): PageQuery {
  return toPageQuery({ limit, maxBytes, after: "", before: "", newest: false }, context, share);
}

const maxSpanIds = 1_000;

/** The spans of a trace that are asked for; undefined for all. */
export function wantedSpans(spanIds: readonly string[]): ReadonlySet<string> | undefined {
  if (spanIds.length > maxSpanIds) throw invalidArgument("span_ids", "at most 1,000 are allowed");
  const wanted = spanIds.map((spanId, i) => parseSpanId(spanId, `span_ids[${i}]`));
  return wanted.length === 0 ? undefined : new Set(wanted);
}

interface FiguresRequest extends Pick<PageRequest, "limit" | "maxBytes"> {
  readonly groupBy: readonly string[];
}

/** What all methods that count items take beside their filter. */
export function toFiguresQuery(
  kind: ItemKind,
  request: FiguresRequest,
  context: Pick<HandlerContext, "signal">,
  share: AnswerShare,
) {
  return {
    ...toListQuery(request, context, share),
    groupBy: groupsBy(kind, request.groupBy),
  };
}

export function groupsBy(kind: ItemKind, texts: readonly string[]): GroupBy[] {
  const fields: readonly GroupField[] = groupFields[kind];
  if (texts.length > maxGroupBy) throw invalidArgument("group_by", `at most ${maxGroupBy} are allowed`);
  return texts.map((text, i) => {
    if (texts.indexOf(text) < i) throw invalidArgument(`group_by[${i}]`, "must not be given twice");
    const field = fields.find((each) => each === text);
    if (field !== undefined) return { field };
    if (text.startsWith(attributePrefix)) return { attribute: text.slice(attributePrefix.length) };
    const allowed = [...fields, `${attributePrefix}KEY`].join(", ");
    throw invalidArgument(`group_by[${i}]`, `must be one of ${allowed}`);
  });
}

export const attributePrefix = "attributes.";

/** What the caller called it. */
export function groupByText(by: GroupBy): string {
  return "field" in by ? by.field : `${attributePrefix}${by.attribute}`;
}

export function spanFilter(filter: pb.SpanFilter | undefined, path = "filter"): SpanFilter {
  if (filter === undefined) {
    return {};
  }
  const { name, nameContains, traceId, kind, statusCode } = filter;
  const minDurationNano = durationNano(filter.minDuration, `${path}.min_duration`);
  const maxDurationNano = durationNano(filter.maxDuration, `${path}.max_duration`);
  return {
    ...commonFilter(filter, path),
    ...(name !== "" && { name }),
    ...(nameContains !== "" && { nameContains: textToFind(nameContains, `${path}.name_contains`) }),
    ...(traceId !== "" && { traceId: parseTraceId(traceId, `${path}.trace_id`) }),
    ...(kind !== undefined && { kind }),
    ...(statusCode !== undefined && { statusCode }),
    ...(minDurationNano !== undefined && { minDurationNano }),
    ...(maxDurationNano !== undefined && { maxDurationNano }),
  };
}

export function logFilter(filter: pb.LogFilter | undefined, path = "filter"): LogFilter {
  if (filter === undefined) {
    return {};
  }
  const { minSeverity, bodyContains, traceId } = filter;
  return {
    ...commonFilter(filter, path),
    ...(minSeverity !== 0 && { minSeverity }),
    ...(bodyContains !== "" && { bodyContains: textToFind(bodyContains, `${path}.body_contains`) }),
    ...(traceId !== "" && { traceId: parseTraceId(traceId, `${path}.trace_id`) }),
  };
}

export function metricFilter(filter: pb.MetricFilter | undefined, path = "filter"): MetricFilter {
  if (filter === undefined) {
    return {};
  }
  const { name, nameContains, type } = filter;
  return {
    ...commonFilter(filter, path),
    ...(name !== "" && { name }),
    ...(nameContains !== "" && { nameContains: textToFind(nameContains, `${path}.name_contains`) }),
    ...(type !== pb.MetricType.UNSPECIFIED && { type: metricType(type, `${path}.type`) }),
  };
}

function commonFilter(
  { service, since, until, attributes, textContains }: pb.SpanFilter | pb.LogFilter | pb.MetricFilter,
  path: string,
): CommonFilter {
  const sinceUnixNano = unixNano(since, `${path}.since`);
  const untilUnixNano = unixNano(until, `${path}.until`);
  checkWindow("since", sinceUnixNano, `${path}.until`, untilUnixNano);
  return {
    ...(service !== undefined && { service }),
    ...(sinceUnixNano !== undefined && { sinceUnixNano }),
    ...(untilUnixNano !== undefined && { untilUnixNano }),
    attributes: new Map(Object.entries(attributes)),
    ...(textContains !== "" && { textContains: textToFind(textContains, `${path}.text_contains`) }),
  };
}

/** The time to find a longer text, also when its case is folded, may grow with the product of both lengths. */
const maxTextToFind = 256;

function textToFind(text: string, field: string): string {
  if (foldCase(text).length > maxTextToFind)
    throw invalidArgument(field, `at most ${maxTextToFind} characters are allowed`);
  return text;
}

function metricType(type: pb.MetricType, field: string): MetricType {
  const known = fromMetricType(type);
  if (known === undefined) throw invalidArgument(field, noSuchValue(pb.MetricTypeSchema, type));
  return known;
}
