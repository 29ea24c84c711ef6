import { setImmediate } from "node:timers/promises";
import type * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { type FilterMessage, type ItemMessage, itemSchemas } from "../../../api/item-schemas.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import { maxWithout, type SpanFilter } from "../../../domain/filter.ts";
import { type FilterOf, type ItemKind, type ItemOf, itemSignals } from "../../../domain/item-kind.ts";
import type { TraceSummary } from "../../../domain/telemetry.ts";
import type { Reader } from "../../../use-cases/read/reader.ts";
import { logFilter, metricFilter, spanFilter } from "./from-proto.ts";
import { toMetricPoint } from "./metric-to-proto.ts";
import { toLogRecord, toSpan, toTraceSummary } from "./to-proto.ts";

interface KindMessages<Kind extends ItemKind> {
  /**
   * @param path of the filter in the request, for refusals
   * @throws ObsvtyError invalid-argument that names the field
   */
  readonly toFilter: (filter: FilterMessage<Kind> | undefined, path: string) => FilterOf<Kind>;
  readonly toMessage: (item: ItemOf<Kind>, cursor: string) => ItemMessage<Kind>;
}

/** One row a kind: how its messages are read and made. */
const kindMessages: { readonly [Kind in ItemKind]: KindMessages<Kind> } = {
  spans: { toFilter: spanFilter, toMessage: toSpan },
  logs: { toFilter: logFilter, toMessage: toLogRecord },
  metrics: { toFilter: metricFilter, toMessage: toMetricPoint },
};

/** A filter without an expression: see `readFilter`. */
export function filterOf<Kind extends ItemKind>(
  kind: Kind,
  filter: FilterMessage<Kind> | undefined,
  path: string,
): FilterOf<Kind> {
  return kindMessages[kind].toFilter(filter, path);
}

/**
 * The filter of a request. What evaluates expressions is loaded with the first one: most servers get none, and it
 * takes memory.
 */
export async function readFilter<Kind extends ItemKind>(
  kind: Kind,
  filter: FilterMessage<Kind> | undefined,
  path: string,
): Promise<FilterOf<Kind>> {
  const parsed = filterOf(kind, filter, path);
  if (filter === undefined || filter.where === "") return parsed;
  const { toMessage } = kindMessages[kind];
  const { compileWhere } = await import("./where/compile-where.ts");
  const isMet = compileWhere(filter.where, itemSchemas[kind], `${path}.where`);
  return { ...parsed, where: (item: ItemOf<Kind>) => isMet(toMessage(item, "")) };
}

/**
 * The filters of spans that no trace of an answer may have.
 * @throws ObsvtyError invalid-argument that names the field
 */
export async function readWithout(filters: readonly pb.SpanFilter[]): Promise<readonly SpanFilter[]> {
  if (filters.length > maxWithout) throw invalidArgument("without", `at most ${maxWithout} are allowed`);
  return readEachWithout(filters, (filter, path) => readFilter("spans", filter, path));
}

/**
 * Reads each of these filters in a turn of the event loop of its own: to compile an expression can take some 10 ms.
 * @param read called with the filter's path
 */
export async function readEachWithout<Given>(
  given: readonly Given[],
  read: (filter: Given, path: string) => Promise<SpanFilter>,
): Promise<readonly SpanFilter[]> {
  const filters: SpanFilter[] = [];
  for (const [i, filter] of given.entries()) {
    await setImmediate();
    filters.push(await read(filter, `without[${i}]`));
  }
  return filters;
}

/** Makes the messages of items of one kind, each with its cursor. */
export function itemMessages<Kind extends ItemKind>(
  { itemCursor }: Pick<Reader, "itemCursor">,
  kind: Kind,
): (item: ItemOf<Kind>) => ItemMessage<Kind> {
  const { toMessage } = kindMessages[kind];
  const signal = itemSignals[kind];
  return (item) => toMessage(item, itemCursor(signal, item.ordinal));
}

/** Makes the messages of traces. A trace's cursor is that of the span for which it was found. */
export function traceMessages({ itemCursor }: Pick<Reader, "itemCursor">) {
  return (trace: TraceSummary) => toTraceSummary(trace, itemCursor("traces", trace.ordinal));
}

/** The member of a request's oneof: a kind of items, and the filter for them. */
export interface WantedItems<Kind extends ItemKind> {
  readonly case: Kind;
  readonly value: FilterMessage<Kind>;
}

/** @param kinds as a refusal names them */
export function wanted(
  {
    filter,
  }:
    | pb.TailRequest
    | pb.WaitForRequest
    | pb.ReadRequestsRequest
    | pb.CountOverTimeRequest
    | pb.ListAttributesRequest,
  kinds = "spans, logs or metrics",
): WantedItems<ItemKind> {
  if (filter.case === undefined || filter.case === "profiles") {
    throw invalidArgument(kinds, "one must be set, {} for all of them");
  }
  return filter;
}
