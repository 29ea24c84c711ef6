/** What a request seems to be, when it is not what its headers say. Senders often forget a header. */
export function resemblance(request: Uint8Array, expected: "protobuf" | "JSON"): string {
  const compression = magics.find(({ magic }) => magic.every((byte, i) => request[i] === byte));
  if (compression !== undefined) {
    return `; the request looks like ${compression.name}: its encoding belongs into a header`;
  }
  const head = request.subarray(0, HEAD_BYTES);
  const other = expected === "protobuf" ? "JSON" : "protobuf";
  const isOther = expected === "protobuf" ? beginsObject(head) : head.some(isControl);
  return isOther ? `; the request looks like ${other}: its content type should say so` : "";
}

/** A request in protobuf has a length or an id within this many bytes, and nearly always a control character. */
const HEAD_BYTES = 64;

const magics = [
  /** RFC 1952, 2.3.1. */
  { name: "gzip", magic: [0x1f, 0x8b] },
  /** RFC 8878, 3.1.1. */
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd] },
] as const;

function beginsObject(head: Uint8Array): boolean {
  return /^\s*\{\s*(?:["}]|$)/.test(Buffer.from(head).toString("latin1"));
}

/** No text has these, other than tabs and the ends of lines. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
}
