import { ObsvtyError } from "../../domain/errors.ts";
import { countOf, rejectionMessage } from "../../domain/rejection.ts";
import { type Signal, signals } from "../../domain/signal.ts";
import { JsonReader } from "../../otlp/json/json-reader.ts";
import { describeUnknownField } from "../../otlp/json/unknown-field.ts";
import { countItems } from "../../otlp/request-items.ts";
import { requestSchemas } from "../../otlp/services.ts";
import { type Chunks, linesOf } from "./file-lines.ts";
import { type FilePart, maxPartBytes, unreadable } from "./file-requests.ts";

/** Each signal's request begins with one of these fields; JSON may spell it either way. */
const signalOfField = new Map<string, Signal>(
  signals.flatMap((signal) =>
    requestSchemas[signal].fields.flatMap(({ name, jsonName }) => [
      [name, signal] as const,
      [jsonName, signal] as const,
    ]),
  ),
);

/** The first field of an object. A name that is longer than OTLP's is none of them. */
const firstField = /^\s*\{\s*"(\w{1,40})"\s*:/;
const emptyObject = /^\s*(?:\{\s*\}\s*)?$/;

/** Reads lines of OTLP/JSON, each an Export request of any signal. */
export class JsonLines {
  #reader: JsonReader | undefined;

  async *read(chunks: Chunks, name: string): AsyncGenerator<FilePart> {
    for await (const { number, bytes, isLast } of linesOf(chunks, maxPartBytes)) {
      const where = `${name}:${number}`;
      if (bytes === undefined) {
        yield unreadable(where, `the line is longer than ${maxPartBytes} bytes`);
        continue;
      }
      yield* this.#readLine(bytes, where, isLast);
    }
  }

  *#readLine(line: Uint8Array, where: string, isLast: boolean): Generator<FilePart> {
    const beginning = Buffer.from(line.buffer, line.byteOffset, Math.min(line.byteLength, 256)).toString();
    if (line.byteLength < 256 && emptyObject.test(beginning)) return;
    const signal = signalOfField.get(firstField.exec(beginning)?.[1] ?? "");
    if (signal === undefined) {
      const torn = isLast && beginning.trimStart().startsWith("{") ? tornLine : "";
      yield unreadable(where, `no request in OTLP/JSON${torn}`);
      return;
    }
    const reader = this.#readerFor(line.byteLength);
    reader.begin(signal, [line]);
    try {
      const { bytes, report } = reader.readAll();
      const { rejections, unknownField } = report;
      const rejected = countOf(rejections);
      if (rejected > 0) yield unreadable(where, rejectionMessage(signal, rejections), rejected);
      const items = countItems(signal, bytes);
      if (items > 0) {
        yield { kind: "request", request: { signal, bytes: bytes.slice(), items, where } };
      } else if (rejected === 0 && unknownField !== undefined) {
        yield unreadable(where, describeUnknownField(signal, unknownField));
      }
    } catch (reason) {
      if (!(reason instanceof ObsvtyError)) throw reason;
      yield unreadable(where, `${reason.message}${isLast ? tornLine : ""}`);
    }
  }

  #readerFor(byteLength: number): JsonReader {
    if (this.#reader === undefined || this.#reader.maxBytes < byteLength) {
      // What is never written of its memory costs nothing.
      const maxBytes = 2 ** Math.max(22, Math.ceil(Math.log2(byteLength)));
      this.#reader = new JsonReader(maxBytes);
    }
    return this.#reader;
  }
}

const tornLine = " (the last line, which has no newline: it may be torn)";
