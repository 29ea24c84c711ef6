import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { WireFields } from "../wire/wire-fields.ts";

/** The most fields for all paths in one request together: a field takes some 20 nanoseconds. */
const MAX_FIELDS = 262_144;

/**
 * Finds paths in one request. Cold: it reads the request again from its start. A place that too many fields precede
 * is told by the path of the message around it.
 */
export class Locator {
  readonly #schema: DescMessage;
  readonly #bytes: Uint8Array;
  #fieldsLeft = MAX_FIELDS;

  constructor(schema: DescMessage, bytes: Uint8Array) {
    this.#schema = schema;
    this.#bytes = bytes;
  }

  /**
   * The path of the field whose tag (`of: "tag"`) or whose value (`of: "value"`) begins at `offset`, the way
   * protobuf's text format names it: `resource_spans[0].scope_spans[0].spans[3].name`. An unknown field is
   * `field 99`. What is before the offset must be sound.
   */
  pathOf(offset: number, of: "tag" | "value"): string {
    const path: string[] = [];
    let message: DescMessage | undefined = this.#schema;
    let at = 0;
    let end = this.#bytes.byteLength;
    while (message !== undefined) {
      const wire = this.#fieldAt(at, end, offset, of);
      if (wire === undefined) break;
      const field: DescField | undefined = message.fields.find(({ number }) => number === wire.number);
      const index = field?.fieldKind === "list" ? this.#indexOf(wire, at, end) : undefined;
      if (index === "unknown") break;
      const name = field?.name ?? `field ${wire.number}`;
      path.push(index === undefined ? name : `${name}[${index}]`);
      if ((of === "tag" ? wire.tagAt : wire.valueAt) === offset) break;
      message = field?.message;
      at = wire.valueAt;
      end = Math.min(wire.end, end);
    }
    return path.join(".");
  }

  /** The field at the offset or around it, in the message in [at, end). */
  #fieldAt(at: number, end: number, offset: number, of: "tag" | "value"): WireFields | undefined {
    for (const wire = new WireFields(this.#bytes, at, end); wire.next(); ) {
      if (this.#fieldsLeft-- <= 0) return undefined;
      if ((of === "tag" ? wire.tagAt : wire.valueAt) === offset) return wire;
      // The value of an empty last field begins where those that hold it end.
      if (of === "tag" ? offset < wire.end : offset <= wire.end) return wire;
    }
    return undefined;
  }

  /** How many fields of the same number precede the field in the message in [at, end). */
  #indexOf({ number, tagAt }: WireFields, at: number, end: number): number | "unknown" {
    let index = 0;
    for (const wire = new WireFields(this.#bytes, at, end); wire.next() && wire.tagAt < tagAt; ) {
      if (this.#fieldsLeft-- <= 0) return "unknown";
      if (wire.number === number) index += 1;
    }
    return index;
  }
}
