import type { DescField } from "@bufbuild/protobuf";
import type { Signal } from "../../domain/signal.ts";
import type { IdEncoding } from "./id-fields.ts";
import { describeFault } from "./read-fault.ts";
import * as layout from "./reader-layout.ts";
import type { ValueInRequest } from "./reader-report.ts";
import type { RequestPath } from "./request-path.ts";

/** The value that the reader is at, by the frames in its memory. */
export class ReaderFrames implements ValueInRequest {
  readonly #words: Uint32Array;
  readonly #fields: ReadonlyMap<number, DescField>;
  /** The signal of the request at hand. */
  signal: Signal = "traces";
  ids: IdEncoding = "hex";

  /** @param fields by their addresses */
  constructor(words: Uint32Array, fields: ReadonlyMap<number, DescField>) {
    this.#words = words;
    this.#fields = fields;
  }

  get fieldAddress(): number {
    // The value is a member of the message at the top of the stack, or an element of the list there.
    return this.#member || this.#word(this.#top + layout.FRAME_FIELD);
  }

  get fieldName(): string {
    return this.#field?.name ?? "";
  }

  get path(): RequestPath {
    const path = this.pathOf(this.#top);
    return this.#member === 0 ? path : [...path, this.fieldName];
  }

  pathOf(frame: number): RequestPath {
    const path: (string | number)[] = [];
    // The frame of the request has no name. A list has the name of its field; of the element above it the index counts.
    let isElement = false;
    for (let at = layout.FRAMES + layout.FRAME_BYTES; at <= frame; at += layout.FRAME_BYTES) {
      const index = this.#word(at + layout.FRAME_INDEX);
      if (!isElement) path.push(this.#fields.get(this.#word(at + layout.FRAME_FIELD))?.name ?? "");
      isElement = index !== layout.NO_INDEX;
      if (isElement) path.push(index);
    }
    return path;
  }

  describe(fault: number): string {
    return describeFault(fault, this.#field, this.signal, this.ids);
  }

  get #field(): DescField | undefined {
    return this.#fields.get(this.fieldAddress);
  }

  get #top(): number {
    return this.#word(layout.RESULT_FRAME);
  }

  get #member(): number {
    return this.#word(layout.RESULT_FIELD);
  }

  #word(address: number): number {
    return this.#words[address / 4] ?? 0;
  }
}
