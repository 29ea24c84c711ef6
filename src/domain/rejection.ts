import { type Signal, signalTraits } from "./signal.ts";

/** Items of one request, or values in it, that have one fault in common. */
export interface Rejection {
  /** What is wrong with them: "trace_id must be 16 bytes, got 3". Never holds payload content. */
  readonly reason: string;
  /** Where the first of them is in the request: "resource_spans[0].scope_spans[0].spans[3]". */
  readonly path: string;
  readonly count: number;
}

/**
 * One line for people that names the first item of each kind of fault; "" when nothing was rejected.
 * @param rejections the counts of these add up to the number of rejected items
 */
export function rejectionMessage(signal: Signal, rejections: readonly Rejection[]): string {
  if (rejections.length === 0) return "";
  const count = countOf(rejections);
  const noun = signalTraits[signal].itemNoun;
  return `${count} ${count === 1 ? noun.one : noun.many} rejected: ${faultList(rejections)}`;
}

/** How many items were rejected. */
export function countOf(rejections: readonly Rejection[]): number {
  return rejections.reduce((sum, { count }) => sum + count, 0);
}

/** The faults with the path of the first occurrence of each, on one line. */
export function faultList(faults: readonly Rejection[]): string {
  return faults
    .map(({ reason, path, count }) => {
      const places = [path, count > 1 ? `and ${count - 1} more` : ""].filter((place) => place !== "");
      return places.length === 0 ? reason : `${reason} (${places.join(" ")})`;
    })
    .join("; ");
}
