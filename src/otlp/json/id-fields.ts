import type { DescField } from "@bufbuild/protobuf";

/**
 * How ids are written: hex in OTLP/JSON (OTLP 1.11, "JSON Protobuf Encoding"), base64 in protobuf's own JSON, like
 * all bytes.
 */
export type IdEncoding = "hex" | "base64";

/** Trace and span ids are hex in OTLP/JSON, in any letter case. */
export function isTraceOrSpanId({ name }: DescField): boolean {
  return name === "trace_id" || name === "span_id" || name === "parent_span_id";
}

/** The specification does not list profile ids as hex, but the Collector writes them so: both are accepted. */
export function isProfileId({ name }: DescField): boolean {
  return name === "profile_id";
}

/**
 * How many bytes an id in base64 has when its hex digits, which are base64 too, were sent in place of base64. They
 * become three bytes for each four: 24 bytes for 32 digits and 12 for 16. 0 for other fields.
 */
export function misreadHexBytes(field: DescField): number {
  if (field.name === "trace_id" || isProfileId(field)) return 24;
  return isTraceOrSpanId(field) ? 12 : 0;
}
