import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { Signal } from "../../domain/signal.ts";
import { encodeItems } from "../encode-items.ts";
import { JsonWriter } from "./json-writer.ts";
import { TextBuffer } from "./text-buffer.ts";

/** An encoded `Export*ServiceRequest` as one OTLP/JSON document, in one go: see `JsonWriter`. */
export function writeJsonRequest(signal: Signal, bytes: Uint8Array): string {
  const writer = new JsonWriter();
  const text = new TextBuffer(pieceBytes);
  const pieces: Buffer[] = [];
  writer.begin(signal, bytes);
  for (let isDone = false; !isDone; ) {
    isDone = writer.write(text);
    pieces.push(Buffer.from(text.bytes));
    text.clear();
  }
  return Buffer.concat(pieces).toString();
}

const pieceBytes = 64 * 1_024;

/** One kept item, with its resource and scope, as a document of its own. */
export function writeJsonItem(signal: Signal, item: EncodedItem): string {
  return writeJsonRequest(signal, encodeItems([item]));
}
