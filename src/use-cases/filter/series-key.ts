import type { AttributeValue, MetricPoint } from "../../domain/telemetry.ts";

/** The same text for points of one series alone: its resource, scope, metric name, type and attributes. */
export function seriesKey({ resource, scope, name, type, attributes }: MetricPoint): string {
  // What identifies a meter (OpenTelemetry specification, Metrics API, "Get a Meter").
  const scopeKey = [scope.name, scope.version, scope.schemaUrl, scope.attributes];
  return canonicalJson([resource, scopeKey, name, type, attributes]);
}

/** JSON with the keys of objects sorted: senders may order attributes as they like. */
function canonicalJson(value: AttributeValue): string {
  if (isList(value)) {
    return `[${value.map(canonicalJson).join()}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join()}}`;
  }
  return JSON.stringify(value);
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
