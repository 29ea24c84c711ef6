/**
 * A trace, span or profile id as lower-case hex. "" when it is not set: OTLP takes an all-zero id as an id that
 * is not set (trace.proto, logs.proto), and several SDKs send one for the parent of a root span. An id of a
 * wrong length is shown as it was sent.
 */
export function hexId(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte === 0)) return "";
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** The codes of the two digits of each byte, one after the other. */
const codes = Uint8Array.from(
  Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join(""),
  (digit) => digit.charCodeAt(0),
);
export const spanIdBytes = 8;

/** The same of the id in [at, end) of the bytes. A span id takes a tenth of the time that `hexId` does. */
export function hexIdAt(bytes: Uint8Array, at: number, end: number): string {
  if (end - at !== spanIdBytes) return hexId(bytes.subarray(at, end));
  // No array in between: V8 makes a string of sixteen numbers in 20 ns.
  const a = 2 * (bytes[at] ?? 0);
  const b = 2 * (bytes[at + 1] ?? 0);
  const c = 2 * (bytes[at + 2] ?? 0);
  const d = 2 * (bytes[at + 3] ?? 0);
  const e = 2 * (bytes[at + 4] ?? 0);
  const f = 2 * (bytes[at + 5] ?? 0);
  const g = 2 * (bytes[at + 6] ?? 0);
  const h = 2 * (bytes[at + 7] ?? 0);
  if ((a | b | c | d | e | f | g | h) === 0) return "";
  const code = (i: number) => codes[i] ?? 0;
  return String.fromCharCode(
    code(a),
    code(a + 1),
    code(b),
    code(b + 1),
    code(c),
    code(c + 1),
    code(d),
    code(d + 1),
    code(e),
    code(e + 1),
    code(f),
    code(f + 1),
    code(g),
    code(g + 1),
    code(h),
    code(h + 1),
  );
}
