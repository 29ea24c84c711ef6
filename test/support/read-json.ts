import type { Signal } from "../../src/domain/signal.ts";
import type { EncodedRequest } from "../../src/otlp/json/encoding-report.ts";
import { JsonReader, type ReadingOptions } from "../../src/otlp/json/json-reader.ts";

let reader: JsonReader | undefined;

/**
 * What the JSON reader makes of a request.
 * @param pieceBytes in how large pieces it reads
 */
export function readJson(
  signal: Signal,
  json: Uint8Array,
  options?: ReadingOptions,
  pieceBytes?: number,
): EncodedRequest {
  if (reader === undefined || reader.maxBytes < json.byteLength) {
    reader = new JsonReader(Math.max(2 ** 20, json.byteLength));
  }
  reader.begin(signal, [json], options);
  const { bytes, report } = pieceBytes === undefined ? reader.readAll() : readInPieces(reader, pieceBytes);
  // The reader uses its memory again.
  return { bytes: bytes.slice(), report };
}

function readInPieces(begun: JsonReader, pieceBytes: number): EncodedRequest {
  for (;;) {
    const read = begun.read(pieceBytes);
    if (read !== undefined) return read;
  }
}
