import type { ChartData } from "./chart-data.ts";
import { gapFrom, usualDistance } from "./usual-distance.ts";

/** The steps of a column: [`from`, `step`]; measurements count in the last one. */
export interface Column {
  readonly from: number;
  readonly step: number;
}

/**
 * The columns of a heat map. A data point tells of all measurements since the one before, so that a column begins where
 * the one before ends; but not where nothing came for three times as long as usual.
 */
export function columnsOf({ times, lines }: Pick<ChartData, "times" | "lines">): readonly Column[] {
  const steps = times.flatMap((_, step) =>
    lines.some(({ values }) => (values[step] ?? 0) > 0) ? [step] : [],
  );
  const usual = usualDistance(steps);
  return steps.map((step, i) => {
    const before = steps[i - 1] ?? step - usual;
    return { from: Math.max(0, step - before > gapFrom * usual ? step - usual + 1 : before + 1), step };
  });
}

/** The column in which a step is. */
export function columnAt(columns: readonly Column[], step: number): Column | undefined {
  return columns.find((column) => step >= column.from && step <= column.step);
}
