import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ObsvtyError } from "../../domain/errors.ts";
import type { Signal } from "../../domain/signal.ts";
import { MAX_DEPTH } from "../scan/layout.ts";
import { requestSchemas } from "../services.ts";
import { type FieldPlan, type MessagePlan, planOf } from "./message-plan.ts";
import { type Json, parseJson } from "./parse-json.ts";

/**
 * An OTLP/JSON `Export*ServiceRequest` as the bytes that a client of protobuf would have sent (OTLP 1.11,
 * "JSON Protobuf Encoding"). Unknown names are ignored, `null` is unset.
 * @param json UTF-8
 * @throws ObsvtyError `not-the-message`: what is wrong, and the path of the value, never the value
 */
export function encodeJsonRequest(signal: Signal, json: Uint8Array): Uint8Array {
  const writer = new BinaryWriter();
  new RequestEncoder(writer).message(planOf(requestSchemas[signal]), parseJson(json));
  return writer.finish();
}

class RequestEncoder {
  readonly #writer: BinaryWriter;
  /** Where it is: names, and numbers of list elements. */
  readonly #path: (string | number)[] = [];
  #depth = 0;

  constructor(writer: BinaryWriter) {
    this.#writer = writer;
  }

  message(plan: MessagePlan, value: Json): void {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.#expected("an object");
    if (this.#depth === MAX_DEPTH) throw this.#fault(`nested deeper than ${MAX_DEPTH} messages`);
    this.#depth += 1;
    const object = value as Readonly<Record<string, Json>>;
    let oneof: string | undefined;
    let lostDouble: FieldPlan | undefined;
    for (const key in object) {
      const field = plan.get(key);
      const member = object[key] ?? null;
      if (field === undefined) continue;
      if (member === null) {
        if (field.isDouble && field.oneof !== undefined) lostDouble = field;
        continue;
      }
      this.#path.push(field.name);
      if (field.oneof !== undefined) {
        if (oneof === field.oneof) throw this.#fault(`another value of ${oneof} is set too`);
        oneof = field.oneof;
      }
      this.#field(field, member);
      this.#path.pop();
    }
    // JSON has no NaN, so that JavaScript's exporters write null for one.
    if (lostDouble !== undefined && oneof === undefined) this.#field(lostDouble, "NaN");
    this.#depth -= 1;
  }

  #field(field: FieldPlan, value: Json): void {
    if (!field.isList) {
      this.#tag(field);
      this.#value(field, value);
      return;
    }
    if (!Array.isArray(value)) throw this.#expected("an array");
    if (field.isPacked) this.#writer.tag(field.number, WireType.LengthDelimited).fork();
    const at = this.#path.length;
    for (let index = 0; index < value.length; index++) {
      this.#path[at] = index;
      if (!field.isPacked) this.#tag(field);
      this.#value(field, value[index]);
    }
    this.#path.length = at;
    if (field.isPacked) this.#writer.join();
  }

  #value({ message, write }: FieldPlan, value: Json): void {
    if (message !== undefined) {
      this.#writer.fork();
      this.message(message, value);
      this.#writer.join();
      return;
    }
    const expected = write?.(this.#writer, value);
    if (expected !== undefined) throw this.#expected(expected);
  }

  #tag({ number, wireType }: FieldPlan): void {
    this.#writer.tag(number, wireType);
  }

  #expected(what: string): ObsvtyError {
    return this.#fault(`must be ${what}`);
  }

  #fault(what: string): ObsvtyError {
    const path = this.#path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
    return new ObsvtyError("not-the-message", `${path === "" ? "the request" : path.slice(1)}: ${what}`);
  }
}
