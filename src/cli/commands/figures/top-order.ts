import type { SpanGroup, SummarizeSpansResponse } from "../../../../gen/obsvty/v1/query_pb.ts";
import { toNanos } from "../../api/proto-time.ts";
import type { SortFigure } from "../../flags/sort-flag.ts";

/** The heading of the column by which `top` sorts. */
export const sortHeadings = {
  count: "spans",
  errors: "errors",
  rate: "/s",
  p50: "p50",
  p90: "p90",
  p95: "p95",
  p99: "p99",
  max: "max",
} as const satisfies Record<SortFigure, string>;

export type Sorted = SummarizeSpansResponse & { readonly sort: SortFigure };

/** The groups with the greatest figures first, as many as are asked for; what is left out is counted. */
export function sorted(answer: SummarizeSpansResponse, sort: SortFigure, limit: number): Sorted {
  const groups =
    sort === "count"
      ? answer.groups
      : answer.groups.toSorted((a, b) => compare(figureOf(b, sort), figureOf(a, sort)));
  const cut = groups.slice(limit);
  return {
    ...answer,
    sort,
    groups: groups.slice(0, limit),
    leftOutGroups: answer.leftOutGroups + cut.length,
    leftOut: cut.reduce((sum, { count }) => sum + count, answer.leftOut),
  };
}

function figureOf(group: SpanGroup, sort: SortFigure): number | bigint {
  switch (sort) {
    case "count":
      return group.count;
    case "errors":
      return group.errorCount;
    case "rate":
      return group.rate ?? 0;
    default: {
      const duration = group[sort];
      return duration === undefined ? -1n : toNanos(duration);
    }
  }
}

function compare(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
