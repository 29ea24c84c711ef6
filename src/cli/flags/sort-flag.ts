/** The figures by which `top` can sort. */
export const sortFigures = ["count", "errors", "rate", "p50", "p90", "p95", "p99", "max"] as const;

export type SortFigure = (typeof sortFigures)[number];
