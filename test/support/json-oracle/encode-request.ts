import { isUtf8 } from "node:buffer";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ObsvtyError } from "../../../src/domain/errors.ts";
import { type Signal, signalTraits } from "../../../src/domain/signal.ts";
import type { EncodedRequest } from "../../../src/otlp/json/encoding-report.ts";
import type { ReadingOptions } from "../../../src/otlp/json/json-reader.ts";
import { pathText } from "../../../src/otlp/json/request-path.ts";
import { MAX_DEPTH } from "../../../src/otlp/scan/layout.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { EncodingFaults, type Fault } from "./encoding-faults.ts";
import { type FieldPlan, type MessagePlan, planOf } from "./message-plan.ts";
import { type Json, parseJson } from "./parse-json.ts";
import { numberOf, type Scalar } from "./scalars.ts";

/**
 * Encodes an `Export*ServiceRequest` in protobuf, by JSON.parse and an object for everything: the oracle of the JSON
 * reader in `src`, which was this one before. Fields that lead to items are written after all others.
 * @throws ObsvtyError `not-the-message`
 */
export function encodeJsonRequest(
  signal: Signal,
  json: Uint8Array,
  { ids = "hex", isStrict = false }: ReadingOptions = {},
): EncodedRequest {
  const request = parseJson(json);
  const encoder = new RequestEncoder(signal, isStrict);
  encoder.encode(planOf(requestSchemas[signal], ids), request);
  if (isStrict && !isUtf8(json)) encoder.faults.warn([], "is not UTF-8");
  return encoder.result();
}

type JsonObject = Readonly<Record<string, Json>>;

class RequestEncoder {
  readonly faults = new EncodingFaults();
  readonly #signal: Signal;
  readonly #isStrict: boolean;
  #writer = new BinaryWriter();
  /** Where the encoder is. After a fault it is the path of the faulty value, until the fault is recorded. */
  readonly #path: (string | number)[] = [];
  #depth = 0;
  /** In an item a fault costs the item; elsewhere it costs the value, or the request. */
  #isInItem = false;

  constructor(signal: Signal, isStrict: boolean) {
    this.#signal = signal;
    this.#isStrict = isStrict;
  }

  encode(plan: MessagePlan, json: Json): void {
    const object = objectOf(json);
    if (object === undefined) throw this.#refusal("must be an object");
    this.#message(plan, object);
  }

  result(): EncodedRequest {
    return { bytes: this.#writer.finish(), report: this.faults.report() };
  }

  #message(plan: MessagePlan, object: JsonObject): Fault | undefined {
    if (this.#depth === MAX_DEPTH) return this.#misshapen(`is nested deeper than ${MAX_DEPTH} messages`);
    this.#depth += 1;
    let oneof: string | undefined;
    let nullDouble: FieldPlan | undefined;
    let unknown: string | undefined;
    // Fields that lead to items come last: a fault in a metric costs the points that follow.
    let containers: { readonly field: FieldPlan; readonly value: Json }[] | undefined;
    let hasContainer = false;
    for (const key in object) {
      const field = plan.fields.get(key);
      const value = object[key] ?? null;
      if (field === undefined) {
        unknown ??= key;
        if (this.#isStrict) this.faults.warnOfUnknownField(this.#path, key);
        continue;
      }
      hasContainer ||= field.leadsToItems;
      if (value === null) {
        if (field.isDouble && field.oneof !== undefined) nullDouble = field;
        continue;
      }
      const isSecond = field.oneof !== undefined && field.oneof === oneof;
      oneof = field.oneof ?? oneof;
      if (field.leadsToItems && !isSecond) {
        containers ??= [];
        containers.push({ field, value });
        continue;
      }
      this.#path.push(field.name);
      const fault = isSecond
        ? this.#unfit(`is set beside another member of ${oneof}`)
        : this.#field(field, value);
      if (fault !== undefined) return fault;
      this.#path.pop();
    }
    // JSON has no NaN, so that JavaScript's exporters write null for one.
    if (nullDouble !== undefined && oneof === undefined) this.#field(nullDouble, "NaN");
    if (plan.leadsToItems && !hasContainer && unknown !== undefined) {
      this.faults.ignore(this.#path, unknown);
    }
    for (const { field, value } of containers ?? []) {
      this.#path.push(field.name);
      const fault = this.#field(field, value);
      if (fault !== undefined) return fault;
      this.#path.pop();
    }
    this.#depth -= 1;
    return undefined;
  }

  #field(field: FieldPlan, value: Json): Fault | undefined {
    if (!field.isList) return this.#element(field, value);
    if (!Array.isArray(value)) return this.#misshapen("must be an array", field.leadsToItems);
    if (field.isPacked) this.#writer.tag(field.number, WireType.LengthDelimited).fork();
    const at = this.#path.length;
    for (let index = 0; index < value.length; index++) {
      this.#path[at] = index;
      const fault = this.#element(field, value[index]);
      if (fault !== undefined) return fault;
    }
    this.#path.length = at;
    if (field.isPacked) this.#writer.join();
    return undefined;
  }

  #element(field: FieldPlan, value: Json): Fault | undefined {
    if (field.message === undefined) return this.#scalar(field, field.scalar, value);
    const object = objectOf(value);
    if (object === undefined) return this.#misshapen("must be an object", field.leadsToItems);
    if (field.isRejectedWhole) return this.#rejectable(field, field.message, object);
    this.#tag(field).fork();
    const fault = this.#message(field.message, object);
    if (fault === undefined) this.#writer.join();
    return fault;
  }

  /** An item, or a metric with its data points: a fault in it rejects it whole, so it is encoded apart. */
  #rejectable(field: FieldPlan, message: MessagePlan, object: JsonObject): undefined {
    const wasInItem = this.#isInItem;
    const writer = this.#writer;
    const depth = this.#depth;
    const at = this.#path.length;
    this.#isInItem = true;
    this.#writer = new BinaryWriter();
    const fault = this.#message(message, object);
    const bytes = this.#writer.finish();
    this.#writer = writer;
    this.#isInItem = wasInItem;
    if (fault === undefined) {
      this.#tag(field).bytes(bytes);
      return;
    }
    this.faults.reject(this.#path, fault, this.#path.slice(0, at), countItems(message, object));
    this.#path.length = at;
    this.#depth = depth;
  }

  #scalar(field: FieldPlan, scalar: Scalar, json: Json): Fault | undefined {
    let value = scalar.parse(json);
    if (value === undefined) {
      if (field.isForgiving) {
        if (this.#isStrict) this.faults.warn(this.#path, `must be ${scalar.expected}`);
        return undefined;
      }
      if (field.doubleMember !== undefined && numberOf(json) !== undefined) {
        return this.#element(field.doubleMember, json);
      }
      const fault = this.#unfit(`must be ${scalar.expected}`);
      if (fault !== undefined || !field.isList) return fault;
      // The other elements of the list keep their positions: dictionaries are referred to by index.
      value = scalar.unset;
    }
    if (field.misreadHexBytes !== undefined && lengthOf(value) === field.misreadHexBytes) {
      const { httpPath } = signalTraits[this.#signal];
      const hint = `this method takes protobuf's JSON, OTLP/JSON with hex ids goes to ${httpPath}`;
      throw this.#refusal(`has ${field.misreadHexBytes} bytes, as hex read as base64 has: ${hint}`);
    }
    if (this.#isStrict && typeof value === "string" && !value.isWellFormed()) {
      this.faults.warn(this.#path, "has half of a surrogate pair, kept as U+FFFD");
    }
    if (!field.isPacked) this.#tag(field);
    scalar.write(this.#writer, value);
    return undefined;
  }

  #tag({ number, wireType }: FieldPlan): BinaryWriter {
    return this.#writer.tag(number, wireType);
  }

  /** The value has not the shape of its field. In an item the fault is returned; in the envelope it is thrown. */
  #misshapen(fault: Fault, leadsToItems = false): Fault {
    if (this.#isInItem && !leadsToItems) return fault;
    throw this.#refusal(fault);
  }

  #refusal(fault: Fault): ObsvtyError {
    const path = pathText(this.#path);
    return new ObsvtyError("not-the-message", `${path === "" ? "the request" : path}: ${fault}`);
  }

  /** The value does not fit its field. In an item the fault is returned; elsewhere the value is left out. */
  #unfit(fault: Fault): Fault | undefined {
    if (this.#isInItem) return fault;
    this.faults.omit(this.#path, fault);
    return undefined;
  }
}

function lengthOf(value: unknown): number | undefined {
  return value instanceof Uint8Array ? value.byteLength : undefined;
}

function objectOf(value: Json): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** How many items are in a message that is one, or that leads to some. */
function countItems(plan: MessagePlan, object: JsonObject): number {
  if (plan.isItem) return 1;
  let count = 0;
  for (const key in object) {
    const field = plan.fields.get(key);
    if (field?.leadsToItems !== true || field.message === undefined) continue;
    for (const element of [object[key] ?? null].flat()) {
      const inner = objectOf(element);
      if (inner !== undefined) count += countItems(field.message, inner);
    }
  }
  return count;
}
