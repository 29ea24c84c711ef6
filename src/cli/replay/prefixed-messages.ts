import type { Signal } from "../../domain/signal.ts";
import { countItems } from "../../otlp/request-items.ts";
import { requestSchemas } from "../../otlp/services.ts";
import { wireFaultAt } from "../../otlp/wire/wire-fault.ts";
import { WireFields } from "../../otlp/wire/wire-fields.ts";
import type { Chunks } from "./file-lines.ts";
import { type FilePart, maxPartBytes, unreadable } from "./file-requests.ts";

/** Before each message stands its length, in four bytes, the highest first. */
const prefixBytes = 4;
/** A file that begins with this many empty messages is something else, such as a file of zeros. */
const maxEmpty = 1_000;

/**
 * Reads requests of one signal in protobuf, each behind its length: as the Collector's file exporter writes them with
 * `format: proto`. After a length that cannot be right, nothing can be found any more.
 */
export async function* readPrefixed(chunks: Chunks, name: string, signal: Signal): AsyncGenerator<FilePart> {
  const source = new ByteSource(chunks);
  let hasRequest = false;
  for (let number = 1; ; number++) {
    const where = `${name}: message ${number} at byte ${source.position}`;
    const prefix = await source.take(prefixBytes);
    if (prefix.byteLength === 0) return;
    if (prefix.byteLength < prefixBytes) {
      yield unreadable(where, "torn: the file ends in its length");
      return;
    }
    const byteLength = prefix.readUInt32BE();
    if (byteLength > maxPartBytes) {
      yield unreadable(
        where,
        `its length is ${byteLength}, so that this is no such file, or is damaged here`,
      );
      return;
    }
    const bytes = await source.take(byteLength);
    if (bytes.byteLength < byteLength) {
      yield unreadable(where, `torn: ${bytes.byteLength} of ${byteLength} bytes are there`);
      return;
    }
    if (byteLength === 0) {
      if (!hasRequest && number === maxEmpty) {
        yield unreadable(name, `begins with ${maxEmpty} empty messages, so that this is no such file`);
        return;
      }
      continue;
    }
    hasRequest = true;
    yield* requestIn(bytes, { signal, name, number, at: source.position - byteLength });
  }
}

interface MessagePlace {
  readonly signal: Signal;
  /** The name of the file. */
  readonly name: string;
  readonly number: number;
  /** Where the message begins in the file, behind its length. */
  readonly at: number;
}

/** The request that a message is, or why it is none. A request without items is left out. */
function* requestIn(bytes: Uint8Array, { signal, name, number, at }: MessagePlace): Generator<FilePart> {
  const where = `${name}: message ${number} at byte ${at - prefixBytes}`;
  const faultAt = wireFaultAt(requestSchemas[signal], bytes);
  if (faultAt !== undefined) {
    yield unreadable(where, `no request of ${signal} in protobuf: damaged at byte ${at + faultAt}`);
    return;
  }
  const items = countItems(signal, bytes);
  if (items > 0) yield { kind: "request", request: { signal, bytes, items, where } };
  else if (hasUnknownFields(signal, bytes)) yield unreadable(where, `no request of ${signal} in protobuf`);
}

function hasUnknownFields(signal: Signal, bytes: Uint8Array): boolean {
  const numbers = new Set(requestSchemas[signal].fields.map(({ number }) => number));
  for (const field = new WireFields(bytes); field.next(); ) {
    if (!numbers.has(field.number)) return true;
  }
  return false;
}

/** Hands out the bytes of a stream in pieces of a wanted length. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #parts: Uint8Array[] = [];
  #available = 0;
  position = 0;

  constructor(chunks: Chunks) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** A copy; fewer bytes when the stream has ended. */
  async take(byteLength: number): Promise<Buffer> {
    while (this.#available < byteLength) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      this.#parts.push(next.value);
      this.#available += next.value.byteLength;
    }
    const taken = Buffer.alloc(Math.min(byteLength, this.#available));
    let at = 0;
    while (at < taken.byteLength) {
      const [first = new Uint8Array()] = this.#parts;
      const count = Math.min(first.byteLength, taken.byteLength - at);
      taken.set(first.subarray(0, count), at);
      at += count;
      if (count === first.byteLength) this.#parts.shift();
      else this.#parts[0] = first.subarray(count);
    }
    this.#available -= taken.byteLength;
    this.position += taken.byteLength;
    return taken;
  }
}
