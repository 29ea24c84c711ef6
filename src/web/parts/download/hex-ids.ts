import type { JsonValue } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";

/** The ids that OTLP/JSON has in hex, where protobuf's JSON has base64 (OTLP specification, "JSON Protobuf Encoding"). */
const idNames: ReadonlySet<string> = new Set(["traceId", "spanId", "parentSpanId", "profileId"]);

/** Protobuf's JSON of OTLP as OTLP/JSON. Keys of attributes are values in it, so that none is taken for an id. */
export function withHexIds(json: JsonValue): JsonValue {
  if (Array.isArray(json)) return json.map(withHexIds);
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name,
      idNames.has(name) && typeof value === "string" ? hexOf(value) : withHexIds(value),
    ]),
  );
}

function hexOf(base64: string): string {
  return Array.from(base64Decode(base64), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
