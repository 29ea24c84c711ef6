import type { LogFilter, MetricFilter, SpanFilter } from "../../domain/filter.ts";
import type { Attributes, AttributeValue, LogRecord } from "../../domain/telemetry.ts";
import type { ItemCriteria } from "../../ports/telemetry-store.ts";

/*
 * A filter in two parts: what the index of the store can answer (criteria), and what has to be looked
 * at on the decoded items that are left (a matcher; undefined when nothing is left to look at).
 */

export type Matcher<Item> = (item: Item) => boolean;

interface WithAttributes {
  readonly attributes: Attributes;
  readonly resource: Attributes;
}

export function spanCriteria(filter: SpanFilter): ItemCriteria {
  const { traceId, kind, statusCode, minDurationNano, maxDurationNano } = filter;
  return {
    ...commonCriteria(filter),
    ...(traceId !== undefined && { traceId: Buffer.from(traceId, "hex") }),
    ...(kind !== undefined && { kind }),
    ...(statusCode !== undefined && { statusCode }),
    ...(minDurationNano !== undefined && { minDurationNano }),
    ...(maxDurationNano !== undefined && { maxDurationNano }),
  };
}

export function logCriteria(filter: LogFilter): ItemCriteria {
  const { traceId, minSeverity } = filter;
  return {
    ...commonCriteria(filter),
    ...(traceId !== undefined && { traceId: Buffer.from(traceId, "hex") }),
    ...(minSeverity !== undefined && { minSeverity }),
  };
}

export function metricCriteria(filter: MetricFilter): ItemCriteria {
  return { ...commonCriteria(filter), ...(filter.type !== undefined && { metricType: filter.type }) };
}

function commonCriteria(filter: SpanFilter | MetricFilter | LogFilter): ItemCriteria {
  const { service, sinceUnixNano, untilUnixNano, attributes } = filter;
  const name = "name" in filter ? filter.name : undefined;
  return {
    ...(service !== undefined && { service }),
    ...(name !== undefined && { name }),
    ...(sinceUnixNano !== undefined && { sinceUnixNano }),
    ...(untilUnixNano !== undefined && { untilUnixNano }),
    ...(attributes !== undefined && { attributes }),
  };
}

/** Each wanted attribute is on the item or on its resource. */
export function attributeMatcher(
  wanted: ReadonlyMap<string, string> | undefined,
): Matcher<WithAttributes> | undefined {
  if (wanted === undefined || wanted.size === 0) {
    return undefined;
  }
  const pairs = [...wanted];
  return ({ attributes, resource }) =>
    pairs.every(([key, text]) => hasAttribute(attributes, key, text) || hasAttribute(resource, key, text));
}

export function logMatcher(filter: LogFilter): Matcher<LogRecord> | undefined {
  const hasAttributes = attributeMatcher(filter.attributes);
  const { bodyContains } = filter;
  if (bodyContains === undefined) {
    return hasAttributes;
  }
  return (log) =>
    log.body !== undefined &&
    attributeText(log.body).includes(bodyContains) &&
    (hasAttributes === undefined || hasAttributes(log));
}

/** A value printed as text: a string as it is, anything else as JSON prints it. */
export function attributeText(value: AttributeValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function hasAttribute(attributes: Attributes, key: string, text: string): boolean {
  const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  return value !== undefined && attributeText(value) === text;
}
