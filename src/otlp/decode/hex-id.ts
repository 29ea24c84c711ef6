/**
 * A trace, span or profile id as lower-case hex. "" when it is not set: OTLP takes an all-zero id as an id that
 * is not set (trace.proto, logs.proto), and several SDKs send one for the parent of a root span. An id of a
 * wrong length is shown as it was sent.
 */
export function hexId(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte === 0)) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
