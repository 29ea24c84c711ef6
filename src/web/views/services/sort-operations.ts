import type { SpanGroupJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseSeconds } from "../../format/time.ts";

/** The columns of the table of operations by which it can be sorted, with what they are called there. */
export const columns = {
  service: "service",
  name: "operation",
  count: "spans",
  rate: "a second",
  errorCount: "errors",
  p50: "p50",
  p95: "p95",
  p99: "p99",
  max: "longest",
} as const;

export type Column = keyof typeof columns;

/** What the address says of the order: a column, with a minus in front for the largest first. */
export interface Order {
  readonly column: Column;
  readonly largestFirst: boolean;
}

export function orderOf(text: string | undefined): Order {
  const [, minus, name = ""] = /^(-?)(.*)$/.exec(text ?? "") ?? [];
  if (!Object.hasOwn(columns, name)) return { column: "count", largestFirst: true };
  return { column: name as Column, largestFirst: minus === "-" };
}

/** The order that a choice of this column makes: again turns it around, and figures begin with the largest. */
export function nextOrder(order: Order, column: Column): string {
  const isText = column === "service" || column === "name";
  const largestFirst = order.column === column ? !order.largestFirst : !isText;
  return `${largestFirst ? "-" : ""}${column}`;
}

export function sortOperations(
  groups: readonly SpanGroupJson[],
  { column, largestFirst }: Order,
): SpanGroupJson[] {
  const sign = largestFirst ? -1 : 1;
  return groups.toSorted((one, other) => {
    const [a, b] = [orderedBy(one, column), orderedBy(other, column)];
    return a < b ? -sign : a > b ? sign : 0;
  });
}

function orderedBy(group: SpanGroupJson, column: Column): string | number | bigint {
  if (column === "service" || column === "name") return group.group?.[column] ?? "";
  if (column === "count" || column === "errorCount") return group[column] ?? 0;
  if (column === "rate") return Number(group.rate ?? 0);
  return parseSeconds(group[column]) ?? -1n;
}
