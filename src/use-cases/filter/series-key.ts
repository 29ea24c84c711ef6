import { hash } from "node:crypto";
import type { Attributes, AttributeValue, MetricPoint } from "../../domain/telemetry.ts";

/** A longer key is replaced by its hash. */
const maxKeyLength = 512;

/**
 * The same text for points of one series, and for no others: of its resource, scope, metric name, type and
 * attributes. It is short, as a search holds the key of every series, and attributes may be large.
 */
export function seriesKey({ resource, scope, name, type, attributes }: MetricPoint): string {
  // What identifies a meter (OpenTelemetry specification, Metrics API, "Get a Meter").
  const scopeKey = [scope.name, scope.version, scope.schemaUrl, digestOf(scope.attributes)];
  const key = canonicalJson([digestOf(resource), scopeKey, name, type, attributes]);
  return key.length <= maxKeyLength ? key : digest(key);
}

/** Points of one request share these, so that their text is made once. */
const digests = new WeakMap<Attributes, string>();

function digestOf(attributes: Attributes): string {
  let known = digests.get(attributes);
  if (known === undefined) {
    known = digest(canonicalJson(attributes));
    digests.set(attributes, known);
  }
  return known;
}

function digest(text: string): string {
  return hash("sha256", text, "base64url");
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
