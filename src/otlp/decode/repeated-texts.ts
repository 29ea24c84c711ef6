const utf8 = new TextDecoder();

/** Longer texts are seldom the same. */
const maxBytes = 64;
/** A power of two. Each place has the text that was decoded last of those that belong there. */
const places = 1_024;

/**
 * Decodes UTF-8, of which the same few texts come again and again: those are decoded once, and are one string each.
 * Invalid bytes become U+FFFD.
 */
export class RepeatedTexts {
  readonly #known: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = [];

  /** The text in [at, end) of the bytes. */
  read(bytes: Uint8Array, at: number, end: number): string {
    const length = end - at;
    if (length === 0) return "";
    if (length > maxBytes) return utf8.decode(bytes.subarray(at, end));
    let hash = length;
    for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0;
    const place = (hash ^ (hash >>> 15)) & (places - 1);
    const known = this.#known[place];
    if (known !== undefined && known.bytes.byteLength === length && isAt(known.bytes, bytes, at)) {
      return known.text;
    }
    const own = bytes.slice(at, end);
    const text = utf8.decode(own);
    this.#known[place] = { bytes: own, text };
    return text;
  }
}

function isAt(wanted: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < wanted.byteLength; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
