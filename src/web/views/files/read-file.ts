import type { Signal } from "../../../domain/signal.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import { piecesOf } from "../../api/pieces-of.ts";
import { type JsonLine, jsonRequests, NotOtlp, type OnBadLine } from "./json-pieces.ts";
import { framedRequests, NotProtobuf, protobufPieces, signalOf } from "./protobuf-pieces.ts";

/** A request that is to be sent. */
export interface FileRequest {
  readonly signal: Signal;
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** The lines of the file that it was put together of, if any. */
  readonly lines: readonly JsonLine[];
}

/** Far below what a server takes by default, and large enough that few requests are needed. */
const maxPieceBytes = 1024 * 1024;

/** A file is read into the memory of the tab. */
const maxFileBytes = 256 * 1024 * 1024;

/**
 * The requests of OTLP in a file: JSON, lines of JSON, or protobuf, also compressed by gzip. Times and all else are as
 * they are in the file.
 * @throws NotOtlp with what is wrong with it
 */
export async function* fileRequests(file: Blob, onBadLine: OnBadLine): AsyncGenerator<FileRequest> {
  if (file.size > maxFileBytes) throw new NotOtlp(`it has more than 256 MiB; "obsvty replay" takes it`);
  const bytes = asUtf8(await bytesOf(file));
  const [first = 0] = bytes.subarray(firstText(bytes));
  if (first === 0x7b || first === 0x5b) {
    const text = new TextDecoder().decode(bytes);
    for (const { signal, json, lines } of jsonRequests(text, maxPieceBytes, onBadLine)) {
      yield { signal, contentType: contentTypes.json, body: json, lines };
    }
    return;
  }
  try {
    for (const request of framedRequests(bytes)) {
      const signal = signalOf(request);
      if (signal === undefined) continue;
      for (const piece of protobufPieces(request, maxPieceBytes)) {
        yield {
          signal,
          contentType: contentTypes.otlpProto,
          body: piece as Uint8Array<ArrayBuffer>,
          lines: [],
        };
      }
    }
  } catch (error) {
    if (error instanceof NotProtobuf) throw new NotOtlp("it is neither JSON nor protobuf of OTLP");
    throw error;
  }
}

/** A text in UTF-16, as PowerShell of Windows writes the output of a command into a file, in UTF-8. */
function asUtf8(bytes: Uint8Array): Uint8Array {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  if (!isLittle && !isBig) return bytes;
  return new TextEncoder().encode(new TextDecoder(isLittle ? "utf-16le" : "utf-16be").decode(bytes));
}

/** Where a text begins: after the mark of UTF-8 and white space. */
function firstText(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  // Protobuf begins with 0x0a too, a line feed. But where lengths look like white space, the request is too short for one
  // that looks like a bracket.
  while ([0x20, 0x09, 0x0a, 0x0d].includes(bytes[at] ?? 0)) at += 1;
  return at;
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (head[0] !== 0x1f || head[1] !== 0x8b) return new Uint8Array(await file.arrayBuffer());
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of piecesOf(file.stream().pipeThrough(new DecompressionStream("gzip")))) {
      length += part.length;
      if (length > maxFileBytes) throw new NotOtlp("it has more than 256 MiB when it is not compressed");
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof NotOtlp
      ? error
      : new NotOtlp('its gzip is damaged, or several in one; "obsvty replay" takes the latter');
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
