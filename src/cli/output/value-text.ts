import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Piece } from "./line.ts";

/** Text as it is, anything else as JSON. */
export function valueText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `key=value key=value`, dimmed. */
export function attributesPiece(attributes: JsonObject | undefined): Piece {
  const pairs = Object.entries(attributes ?? {}).map(([key, value]) => `${key}=${valueText(value)}`);
  return { text: pairs.join(" "), style: "dim" };
}

export function servicePiece(service: string): Piece {
  return { text: service, style: "cyan" };
}
