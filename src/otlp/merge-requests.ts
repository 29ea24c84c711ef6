import type { AcceptedRequest } from "../domain/accepted-request.ts";

/**
 * One encoded request with the items of all: protobuf puts repeated fields together when messages are concatenated
 * (protobuf encoding, "Last One Wins"). Only for signals whose `requestsMerge` is true.
 *
 * Requests that lie side by side in one buffer, as a store gives them, are not copied.
 */
export function mergeRequests(requests: readonly AcceptedRequest[]): Uint8Array {
  const [first] = requests;
  if (first === undefined) return new Uint8Array();
  const { buffer, byteOffset } = first.bytes;
  const byteLength = requests.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  if (areSideBySide(requests)) return new Uint8Array(buffer, byteOffset, byteLength);
  const merged = new Uint8Array(byteLength);
  let at = 0;
  for (const { bytes } of requests) {
    merged.set(bytes, at);
    at += bytes.byteLength;
  }
  return merged;
}

function areSideBySide(requests: readonly AcceptedRequest[]): boolean {
  return requests.every(({ bytes }, i) => {
    const before = requests[i - 1]?.bytes;
    return (
      before === undefined ||
      (bytes.buffer === before.buffer && bytes.byteOffset === before.byteOffset + before.byteLength)
    );
  });
}
