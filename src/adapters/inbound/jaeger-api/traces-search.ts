import { readLimits } from "../../../domain/read-limits.ts";
import { matchOfTags, type SpanMatch, serviceNamed } from "./span-tags.ts";

/** What a caller searches for, whatever it calls its parameters. What is undefined is not asked for. */
export interface SearchTerms {
  /** As Jaeger shows it. */
  readonly service: string | undefined;
  readonly operation: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
  /** A bound of 0 is none. */
  readonly minDurationNano: bigint | undefined;
  readonly maxDurationNano: bigint | undefined;
  readonly sinceUnixNano: bigint | undefined;
  readonly untilUnixNano: bigint | undefined;
  readonly limit: number | undefined;
}

/** A search of whole traces of which a span matches. */
export interface TracesSearch extends SpanMatch {
  readonly limit: number;
}

const { default: defaultLimit, max } = readLimits.limit;
/** Traces that one answer may have. */
export const maxTraces = max;

export function tracesSearch(terms: SearchTerms): TracesSearch {
  const { service, operation: name, tags, limit = defaultLimit, sinceUnixNano, untilUnixNano } = terms;
  const { filter, also } = matchOfTags(tags);
  const minDurationNano = terms.minDurationNano || undefined;
  const maxDurationNano = terms.maxDurationNano || undefined;
  return {
    filter: {
      ...filter,
      ...(service !== undefined && { service: serviceNamed(service) }),
      ...(name !== undefined && { name }),
      ...(minDurationNano !== undefined && { minDurationNano }),
      ...(maxDurationNano !== undefined && { maxDurationNano }),
      ...(sinceUnixNano !== undefined && { sinceUnixNano }),
      ...(untilUnixNano !== undefined && { untilUnixNano }),
    },
    also,
    limit,
  };
}
