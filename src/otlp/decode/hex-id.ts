/** A trace or span id as lower-case hex; "" when it is empty. An id of a wrong length is shown as it was sent. */
export function hexId(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
