import { hash } from "node:crypto";
import type { Attributes, AttributeValue, MetricPoint } from "../../domain/telemetry.ts";

/** A longer key, or text in it, is replaced by its hash. */
const maxKeyLength = 512;

/**
 * Makes the keys of points, for one search: the same text for points of one series, and for no others, which are those
 * of one resource, scope, metric name, type and attributes. A key is short, as a search holds the key of every series,
 * and attributes may be large.
 */
export function seriesKeys(): (point: MetricPoint) => string {
  const [scopeName, version, schemaUrl, metricName] = [shortOnce(), shortOnce(), shortOnce(), shortOnce()];
  return ({ resource, scope, name, type, attributes }) => {
    // What identifies a meter (OpenTelemetry specification, Metrics API, "Get a Meter").
    const scopeKey = [
      scopeName(scope.name),
      version(scope.version),
      schemaUrl(scope.schemaUrl),
      digestOf(scope.attributes),
    ];
    const key = canonicalJson([digestOf(resource), scopeKey, metricName(name), type, attributes]);
    return key.length <= maxKeyLength ? key : digest(key);
  };
}

/**
 * Replaces a long text by its hash, which is in a list, so that no text looks like it. The hash is made once for the
 * same text time after time: points of one request share their texts, and a request may have some thousand points and
 * one text of megabytes.
 */
function shortOnce(): (text: string) => AttributeValue {
  let last: string | undefined;
  let hashed: AttributeValue = null;
  return (text) => {
    if (text.length <= maxKeyLength) return text;
    if (text !== last) {
      last = text;
      hashed = [digest(text)];
    }
    return hashed;
  };
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
