import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Piece } from "./line.ts";
import { bounded, withoutSequences } from "./readable.ts";

/** Characters of an attribute's value that a line shows at most, so that one value does not hide the others. */
const maxValueLength = 1_024;

/** A string as it is, anything else as JSON. */
export function valueText(value: JsonValue): string {
  // JSON would spell out the control characters of ANSI sequences inside of strings.
  return typeof value === "string"
    ? value
    : JSON.stringify(value, (_, part) => (typeof part === "string" ? withoutSequences(part) : part));
}

/** `key=value key=value`, dimmed. */
export function attributesPiece(attributes: JsonObject | undefined): Piece {
  const pairs = Object.entries(attributes ?? {}).map(
    ([key, value]) => `${key}=${bounded(withoutSequences(valueText(value)), maxValueLength)}`,
  );
  return { text: pairs.join(" "), style: "dim" };
}

/** Tells that an item has more than its line can show, because the server did not decode all of it. */
export function omittedPiece({ omittedBytes = 0 }: { readonly omittedBytes?: number | undefined }): Piece {
  const text = omittedBytes === 0 ? "" : `(${omittedBytes.toLocaleString("en-US")} bytes not decoded)`;
  return { text, style: "yellow" };
}

/** The digits of a trace id that a line shows at least. */
const leastIdDigits = 8;

/** A trace id after a word. Its beginning is enough for `obsvty trace`. */
export function traceIdPiece(traceId: string, word = ""): Piece {
  return {
    text: traceId === "" ? "" : `${word}${traceId}`,
    style: "dim",
    least: word.length + leastIdDigits,
  };
}

export function servicePiece(service: string): Piece {
  return { text: service, style: "cyan", share: 1 / 5 };
}
