import { ObsvtyError } from "../../domain/errors.ts";
import { countOf, rejectionMessage } from "../../domain/rejection.ts";
import { type Signal, signals } from "../../domain/signal.ts";
import { JsonReader } from "../../otlp/json/json-reader.ts";
import { describeUnknownField } from "../../otlp/json/unknown-field.ts";
import { countItems } from "../../otlp/request-items.ts";
import { requestSchemas } from "../../otlp/services.ts";
import type { Chunks } from "./file-lines.ts";
import { type FilePart, maxPartBytes, unreadable } from "./file-requests.ts";
import { jsonTextsOf } from "./json-documents.ts";

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
const emptyObject = /^\s*\{\s*\}\s*$/;
const array = /^\s*\[/;
/** Bytes of a text that tell what it is. */
const beginningBytes = 256;

/**
 * Reads OTLP/JSON, each text an Export request of any signal: one on a line, as `export`, FORWARD_FILE and the
 * Collector write them, or over many lines, as a formatter breaks them.
 */
export class JsonLines {
  #reader: JsonReader | undefined;

  async *read(chunks: Chunks, name: string): AsyncGenerator<FilePart> {
    for await (const { line, bytes, isLast } of jsonTextsOf(chunks, maxPartBytes, beginsRequest)) {
      const where = `${name}:${line}`;
      if (bytes === undefined) {
        yield unreadable(where, `the request is longer than ${maxPartBytes} bytes`);
        continue;
      }
      yield* this.#readText(bytes, where, isLast);
    }
  }

  *#readText(text: Uint8Array, where: string, isLast: boolean): Generator<FilePart> {
    const beginning = beginningOf(text);
    if (text.byteLength < beginningBytes && emptyObject.test(beginning)) return;
    const signal = signalIn(beginning);
    if (signal === undefined) {
      const hint = array.test(beginning)
        ? ": an array; jq -c '.[]' makes lines of what is in it"
        : isLast && beginning.trimStart().startsWith("{")
          ? tornText
          : "";
      yield unreadable(where, `no request in OTLP/JSON${hint}`);
      return;
    }
    const reader = this.#readerFor(text.byteLength);
    reader.begin(signal, [text]);
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
      yield unreadable(where, `${reason.message}${isLast ? tornText : ""}`);
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

/** The signal of the request that begins so. */
function signalIn(beginning: string): Signal | undefined {
  return signalOfField.get(firstField.exec(beginning)?.[1] ?? "");
}

/** Whether a line begins a request: no field within one is called so. */
function beginsRequest(line: Uint8Array): boolean {
  return line[0] === openBrace && signalIn(beginningOf(line)) !== undefined;
}

const openBrace = 0x7b;

function beginningOf(text: Uint8Array): string {
  return Buffer.from(text.buffer, text.byteOffset, Math.min(text.byteLength, beginningBytes)).toString();
}

const tornText = " (the file ends with it, without a newline: it may be torn)";
