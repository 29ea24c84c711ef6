import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { Signal } from "../../domain/signal.ts";
import { encodeItems } from "../encode-items.ts";
import { JsonWriter } from "./json-writer.ts";
import { TextBuffer } from "./text-buffer.ts";

const pieceBytes = 64 * 1_024;

/**
 * Writes an encoded `Export*ServiceRequest` as OTLP/JSON, in pieces of what the text holds. A piece is valid until the
 * next one is asked for.
 */
export function* writeJsonInPieces(
  signal: Signal,
  bytes: Uint8Array,
  writer = new JsonWriter(),
  text = new TextBuffer(pieceBytes),
): Generator<Uint8Array, void> {
  writer.begin(signal, bytes);
  for (let isDone = false; !isDone; text.clear()) {
    isDone = writer.write(text);
    yield text.bytes;
  }
}

/** The same as one document. */
export function writeJsonRequest(signal: Signal, bytes: Uint8Array): string {
  return Buffer.concat(
    Array.from(writeJsonInPieces(signal, bytes), (piece) => Buffer.from(piece)),
  ).toString();
}

/** One kept item, with its resource and scope, as a document of its own. */
export function writeJsonItem(signal: Signal, item: EncodedItem): string {
  return writeJsonRequest(signal, encodeItems([item]));
}
