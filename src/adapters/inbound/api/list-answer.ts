import { AsyncLocalStorage } from "node:async_hooks";
import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { HandlerContext } from "@connectrpc/connect";
import { apiJsonWriteOptions } from "../../../api/json-options.ts";
import { isJson, mediaTypeOf } from "../../../otlp/content-types.ts";
import { callOf } from "../connect/call.ts";

/*
 * A long list has to be bounded by its bytes while it is made, and Connect encodes an answer at once, which for
 * 10,000 spans stops everything else for some 200 ms. So each element is encoded as soon as it is made, which says
 * how many bytes it takes, and Connect is given an answer without the list, into which the encoded elements are put:
 *
 * - In binary they are unknown fields, which Protobuf-ES writes as they are.
 * - JSON has no unknown fields. But Connect's JSON codec accepts a text encoder (`createJsonSerialization`, not
 *   in its public types; `apiJsonOptions` uses the decoder likewise). The encoder below finds the elements through the
 *   asynchronous context of the call.
 *
 * A list of many bytes is not given to Connect, which would join and copy it: see `connect/large-message.ts`.
 */

/** A longer list is sent in pieces. The parts of a stream are shorter. */
const maxJoinedBytes = 2 ** 20;

interface EncodedList {
  /** The name as JSON spells it. */
  readonly name: string;
  readonly elements: readonly Uint8Array[];
}

const encoded = new AsyncLocalStorage<{ list: EncodedList | undefined }>();

/**
 * Calls a handler so that its answer may have a list that is encoded already. Every call of Connect's is wrapped in
 * it.
 */
export function allowEncodedList<Result>(handle: () => Result): Result {
  return encoded.run({ list: undefined }, handle);
}

/** An element of a list in the encoding of the answer. */
export interface EncodedElement {
  readonly value: Uint8Array;
  /** How many bytes it adds to the answer. */
  readonly byteLength: number;
}

/** The list of an answer, in the encoding that the caller is answered in. */
export interface ListEncoding<Answer extends DescMessage> {
  readonly name: "JSON" | "binary";
  /** Encodes the message of one element. */
  readonly encode: (message: MessageShape<DescMessage>) => EncodedElement;
  /** An answer with these elements. A stream makes the next one when Connect has encoded the last one. */
  readonly answer: (elements: readonly Uint8Array[], rest: MessageInitShape<Answer>) => MessageShape<Answer>;
}

/** @param list the field's name in TypeScript; it comes before all fields of text */
export function listEncoding<Answer extends DescMessage>(
  context: Pick<HandlerContext, "requestHeader" | "method" | "values">,
  schema: Answer,
  list: string & keyof Answer["field"],
): ListEncoding<Answer> {
  const field = schema.field[list];
  if (field?.message === undefined) {
    throw new Error(`${schema.typeName}.${list} is no list of messages`);
  }
  const { message: elementSchema, number: no, jsonName } = field;
  const call = context.method.methodKind === "unary" ? callOf({ contextValues: context.values }) : undefined;
  /** Leaves the answer in the call if it is large. */
  const isSentInPieces = (elements: readonly Uint8Array[], piecesOf: () => Uint8Array[]) => {
    if (call === undefined || lengthOf(elements) <= maxJoinedBytes) return false;
    const pieces = piecesOf();
    call.largeMessage = { pieces, byteLength: lengthOf(pieces) };
    return true;
  };
  if (isJson(mediaTypeOf(context.requestHeader.get("content-type") ?? ""))) {
    return {
      name: "JSON",
      encode: (message) => {
        const value = utf8.encode(toJsonString(elementSchema, message, apiJsonWriteOptions));
        return { value, byteLength: value.byteLength + comma.byteLength };
      },
      answer: (elements, rest) => {
        const answer = create(schema, rest);
        const list = { name: jsonName, elements };
        const piecesOf = () => withList(toJsonString(schema, answer, apiJsonWriteOptions), list);
        if (isSentInPieces(elements, piecesOf)) return create(schema);
        const encoding = encoded.getStore();
        if (encoding === undefined) throw new Error("the call is not served by allowEncodedList");
        encoding.list = list;
        return answer;
      },
    };
  }
  const wireType = WireType.LengthDelimited;
  const tag = new BinaryWriter().tag(no, wireType).finish();
  return {
    name: "binary",
    encode: (message) => {
      const value = new BinaryWriter().bytes(toBinary(elementSchema, message)).finish();
      return { value, byteLength: tag.byteLength + value.byteLength };
    },
    answer: (elements, rest) => {
      const answer = create(schema, rest);
      const piecesOf = () => [...elements.flatMap((element) => [tag, element]), toBinary(schema, answer)];
      if (isSentInPieces(elements, piecesOf)) return create(schema);
      answer.$unknown = elements.map((data) => ({ no, wireType, data }));
      return answer;
    },
  };
}

/** One element of some that are JSON already, with all of them. */
export function joinJson(elements: readonly string[]): Uint8Array {
  return utf8.encode(elements.join(","));
}

/** Connect's JSON codec encodes the text of an answer by it: the list in it was encoded before. */
export const listTextEncoder = {
  encode(text: string): Uint8Array {
    const context = encoded.getStore();
    const list = context?.list;
    if (context === undefined || list === undefined) {
      return utf8.encode(text);
    }
    context.list = undefined;
    return Buffer.concat(withList(text, list));
  },
};

/** The JSON of an answer whose list is empty, in pieces, with the elements in the list. */
function withList(text: string, { name, elements }: EncodedList): Uint8Array[] {
  const empty = `"${name}":[`;
  const at = text.indexOf(`${empty}]`) + empty.length;
  const parts = elements.flatMap((element, i) => (i === 0 ? [element] : [comma, element]));
  return [utf8.encode(text.slice(0, at)), ...parts, utf8.encode(text.slice(at))];
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

const utf8 = new TextEncoder();
const comma = utf8.encode(",");
