import {
  type DescField,
  type DescMessage,
  fromJson,
  fromJsonString,
  type JsonObject,
  type JsonReadOptions,
  type JsonValue,
  type JsonWriteOptions,
} from "@bufbuild/protobuf";
import { apiJsonWriteOptions } from "../../../api/json-options.ts";
import { invalidArgument, ObsvtyError } from "../../../domain/errors.ts";
import { describeJsonFault } from "../../../otlp/json/json-fault.ts";
import { expectationOf } from "../../../otlp/json/read-fault.ts";
import { noSuchValue } from "./enum-names.ts";
import { listTextEncoder } from "./list-answer.ts";

/**
 * The JSON options for a method of our own API: what is not known is refused, and fields that are zero or empty are
 * written, so that an item has the same shape each time.
 *
 * Protobuf-ES names the type of a bad time, duration or enum, and not its field. Connect's JSON codec accepts a text
 * decoder (`createJsonSerialization`, not in its public types), and answers INVALID_ARGUMENT with the message of what
 * the decoder throws. So the decoder here checks the JSON and names the field. Without it, refusals would only say
 * less.
 * @param input the message that the method takes
 */
export function apiJsonOptions(input: DescMessage): Partial<JsonReadOptions & JsonWriteOptions> {
  const options = {
    ...apiJsonWriteOptions,
    ignoreUnknownFields: false,
    textEncoder: listTextEncoder,
    textDecoder: {
      decode(bytes: Uint8Array): string {
        const text = new TextDecoder().decode(bytes);
        checkRequest(input, parse(text), "");
        checkNames(input, text);
        return text;
      },
    },
  };
  return options;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8's own message quotes the text.
    throw new ObsvtyError("invalid-argument", describeJsonFault(text, cause), { cause });
  }
}

/** Finds a name that is given twice in an object, of which `JSON.parse` keeps the last. */
function checkNames(message: DescMessage, text: string): void {
  try {
    fromJsonString(message, text);
  } catch (cause) {
    // The library's own words are about protobuf.
    const [, name] = /duplicate object key "(\w{1,64})"$/.exec(String(cause)) ?? [];
    throw name === undefined
      ? invalidArgument("the request", "has a name twice in one object, or is no valid message")
      : invalidArgument(name, "must not be given twice");
  }
}

/**
 * Checks the JSON of a message of our own API.
 * @param path of the message, "" for the request itself
 * @throws ObsvtyError invalid-argument that names the field
 */
export function checkRequest(message: DescMessage, json: JsonValue, path: string): void {
  if (!isObject(json)) {
    throw invalidArgument(path === "" ? "the request" : path, "must be a JSON object");
  }
  const given = new Set<DescField>();
  for (const [key, value] of Object.entries(json)) {
    const field = message.fields.find(({ name, jsonName }) => key === name || key === jsonName);
    const fieldPath = path === "" ? key : `${path}.${key}`;
    if (field === undefined) {
      throw invalidArgument(fieldPath, "no such field");
    }
    if (given.has(field)) {
      throw invalidArgument(fieldPath, `must not be given twice, as ${field.name} and as ${field.jsonName}`);
    }
    // The library takes a message for given that is null.
    if (value !== null || field.message !== undefined) {
      const other = field.oneof?.fields.find((member) => given.has(member));
      if (other !== undefined) {
        throw invalidArgument(fieldPath, `must not be set together with ${other.jsonName}`);
      }
      given.add(field);
    }
    if (value !== null) {
      checkField(message, field, value, fieldPath);
    }
  }
}

function checkField(message: DescMessage, field: DescField, value: JsonValue, path: string): void {
  if (field.fieldKind === "list" && Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      checkElement(field, element, `${path}[${index}]`);
    }
  } else if (field.fieldKind === "enum" || field.fieldKind === "message") {
    checkElement(field, value, path);
  } else if (!isReadable(message, { [field.jsonName]: value })) {
    throw invalidArgument(path, `must be ${expectationOfField(field)}`);
  }
}

function expectationOfField(field: DescField): string {
  if (field.fieldKind === "map") return "an object whose values are strings";
  if (field.fieldKind === "list") return "an array";
  return expectationOf(field, "base64");
}

function checkElement({ enum: enumeration, message }: DescField, value: JsonValue, path: string): void {
  if (enumeration !== undefined) {
    const isKnown =
      typeof value === "string"
        ? enumeration.values.some(({ name }) => name === value)
        : typeof value === "number" && value === (value | 0);
    if (!isKnown) {
      throw invalidArgument(path, noSuchValue(enumeration, value));
    }
  } else if (message !== undefined) {
    checkMessageElement(message, value, path);
  }
}

function checkMessageElement(message: DescMessage, value: JsonValue, path: string): void {
  switch (message.typeName) {
    case "google.protobuf.Timestamp":
      if (!isReadable(message, value)) {
        throw invalidArgument(path, 'a time looks like "2026-11-23T10:00:00.123456789Z"');
      }
      return;
    case "google.protobuf.Duration":
      // Protobuf-ES 2.17 lets text after the "s" pass, and fails on a tenth digit.
      if (typeof value !== "string" || !durationPattern.test(value) || !isReadable(message, value)) {
        throw invalidArgument(path, 'a duration looks like "1.5s"');
      }
      return;
    default:
      checkRequest(message, value, path);
  }
}

const durationPattern = /^-?[0-9]+(?:\.[0-9]{1,9})?s$/;

function isReadable(message: DescMessage, value: JsonValue): boolean {
  try {
    fromJson(message, value);
    return true;
  } catch {
    return false;
  }
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
