import { isUtf8 } from "node:buffer";
import { ObsvtyError } from "../../domain/errors.ts";
import type { Signal } from "../../domain/signal.ts";
import { resemblance } from "../resemblance.ts";
import { instantiate, reserveMemory } from "../scan/web-assembly-module.ts";
import type { EncodedRequest } from "./encoding-report.ts";
import type { IdEncoding } from "./id-fields.ts";
import { powersOfTen } from "./powers-of-ten.ts";
import { ReaderFrames } from "./reader-frames.ts";
import * as layout from "./reader-layout.ts";
import { ReaderReport } from "./reader-report.ts";
import { createReaderTable, type ReaderTable } from "./reader-table.ts";
import { pathText } from "./request-path.ts";

/** What is kept of the name of an unknown field: more than `printableName` prints. */
const MAX_NAME_BYTES = 256;

/** The functions of `assembly/index.ts`. Addresses and counts are unsigned 32-bit integers. */
interface ReaderExports {
  begin(
    root: number,
    areIdsBase64: boolean,
    isStrict: boolean,
    json: number,
    jsonEnd: number,
    levels: number,
    ends: number,
    out: number,
  ): void;
  read(bytes: number): number;
}

export interface ReadingOptions {
  /** How the request writes its ids. @default "hex" */
  readonly ids?: IdEncoding;
  /** Also reports what is left out without a word: unknown fields, and a log's ids that are none. @default false */
  readonly isStrict?: boolean;
}

/** The table is made once a process. */
let constants: { readonly table: ReaderTable; readonly powers: Uint8Array } | undefined;

/**
 * Encodes an `Export*ServiceRequest` in protobuf, from OTLP/JSON (OTLP 1.11, "JSON Protobuf Encoding") or, with
 * ids in base64, from protobuf's own JSON (protobuf.dev/programming-guides/json). Unknown fields are ignored, `null`
 * is a field that is not set. A value that does not fit its field costs its item (docs/sending.md, "What is refused"); in a
 * resource or scope, which all items share, it is left out.
 *
 * Reads one request at a time, in WebAssembly, with a memory of its own: a module that shared the store's memory
 * would save one copy of the encoded request, some microseconds, and could not be interrupted while others are
 * stored. That memory is taken for requests of `maxBytes`; what is never written of it costs nothing.
 */
export class JsonReader {
  readonly maxBytes: number;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #exports: ReaderExports;
  readonly #roots: ReaderTable["roots"];
  readonly #layout: ReaderMemory;
  readonly #frames: ReaderFrames;
  #report: ReaderReport;
  #refusal = "";
  /** The JSON of the request. */
  #text: Uint8Array = new Uint8Array();
  #isStrict = false;

  constructor(maxBytes: number) {
    constants ??= { table: createReaderTable(), powers: new Uint8Array(powersOfTen().buffer) };
    const { table, powers } = constants;
    this.#roots = table.roots;
    this.#layout = layOut(table.bytes.byteLength, maxBytes);
    this.maxBytes = maxBytes;
    const memory = reserveMemory(this.#layout.byteLength);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    this.#frames = new ReaderFrames(this.#words, table.fields);
    this.#report = new ReaderReport(this.#frames);
    this.#exports = instantiate("otlp-json.wasm", memory, this.#host());
    this.#bytes.set(table.bytes, layout.TABLE);
    this.#bytes.set(powers, layout.POWERS);
  }

  /**
   * Begins to read a request. One that was begun before is forgotten.
   * @param chunks UTF-8, of `maxBytes` at most
   */
  begin(
    signal: Signal,
    chunks: readonly Uint8Array[],
    { ids = "hex", isStrict = false }: ReadingOptions = {},
  ): void {
    this.#frames.signal = signal;
    this.#frames.ids = ids;
    this.#report = new ReaderReport(this.#frames);
    const { json, levels, ends, out } = this.#layout;
    let end = json;
    for (const chunk of chunks) {
      // It would write over the encoded request.
      if (end + chunk.byteLength > json + this.maxBytes) throw new RangeError("the request is too long");
      this.#bytes.set(chunk, end);
      end += chunk.byteLength;
    }
    this.#bytes.fill(0, end, end + layout.MARGIN);
    this.#text = this.#bytes.subarray(json, end);
    this.#isStrict = isStrict;
    this.#exports.begin(this.#roots[signal], ids === "base64", isStrict, json, end, levels, ends, out);
  }

  /**
   * Reads on for one step. Undefined when the request has not been read to its end. The bytes of what it returns are
   * valid until the next request is begun.
   * @param bytes bounds the step: it takes about as long as reading this many bytes may take at most
   * @throws ObsvtyError `not-the-message` when the envelope is wrong: no JSON, or another type where the path to
   * the items needs an object or an array; also for ids in hex where base64 belongs, which decode without an error
   * to something else. The message has the path of the value, never the value
   */
  read(bytes: number): EncodedRequest | undefined {
    switch (this.#exports.read(bytes)) {
      case layout.READ_PAUSED:
        return undefined;
      case layout.READ_DONE: {
        if (this.#isStrict && !isUtf8(this.#text)) this.#report.warnOfText();
        const end = this.#word(layout.RESULT_END);
        return { bytes: this.#bytes.subarray(this.#layout.out, end), report: this.#report.finish() };
      }
      case layout.READ_NOT_JSON: {
        const before = this.#bytes.subarray(this.#layout.json, this.#word(layout.RESULT_ERROR_AT));
        const fault = `not JSON at position ${new TextDecoder().decode(before).length}`;
        throw new ObsvtyError("not-the-message", fault + resemblance(this.#text, "JSON"));
      }
      default:
        throw new ObsvtyError("not-the-message", this.#refusal);
    }
  }

  /** Reads on to the end. */
  readAll(): EncodedRequest {
    for (;;) {
      const read = this.read(2 ** 30);
      if (read !== undefined) return read;
    }
  }

  /** What the reader calls: see `assembly/host.ts`. */
  #host() {
    return {
      parseNumber: (at: number, end: number) => Number(this.#textAt(at, end)),
      forget: () => {
        this.#report = new ReaderReport(this.#frames);
      },
      refuse: (fault: number) => {
        const path = pathText(this.#frames.path);
        this.#refusal = `${path === "" ? "the request" : path}: ${this.#frames.describe(fault)}`;
      },
      reject: (fault: number, element: number, items: number) => this.#report.reject(fault, element, items),
      count: (items: number) => this.#report.count(items),
      omit: (fault: number) => this.#report.omit(fault),
      ignore: (nameAt: number, nameEnd: number) => this.#report.ignore(this.#nameAt(nameAt, nameEnd)),
      warn: (fault: number) => this.#report.warn(fault),
      warnOfUnknownFields: (nameAt: number, nameEnd: number, count: number) =>
        this.#report.warnOfUnknownFields(this.#nameAt(nameAt, nameEnd), count),
    };
  }

  #nameAt(at: number, end: number): string {
    return this.#textAt(at, Math.min(end, at + MAX_NAME_BYTES));
  }

  #textAt(at: number, end: number): string {
    return Buffer.from(this.#bytes.buffer, at, end - at).toString();
  }

  #word(address: number): number {
    return this.#words[address / 4] ?? 0;
  }
}

/** Where a reader's memory has what grows with the request. */
interface ReaderMemory {
  /** One bit for each level of nesting, of which there may be as many as bytes. */
  readonly levels: number;
  readonly json: number;
  /** Four bytes for each four of the JSON. */
  readonly ends: number;
  readonly out: number;
  readonly byteLength: number;
}

function layOut(tableBytes: number, maxBytes: number): ReaderMemory {
  let next = layout.TABLE + tableBytes;
  const take = (bytes: number): number => {
    const at = Math.ceil(next / 16) * 16;
    next = at + Math.ceil(bytes) + layout.MARGIN;
    return at;
  };
  return {
    levels: take(maxBytes / 8),
    json: take(maxBytes),
    ends: take(maxBytes),
    out: take(maxBytes * layout.OUT_SHARE),
    byteLength: next + layout.MARGIN,
  };
}
