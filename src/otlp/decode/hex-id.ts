/** A trace or span id as lower-case hex; "" for an empty one. Any length: bad ids are shown as sent. */
export function hexId(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
