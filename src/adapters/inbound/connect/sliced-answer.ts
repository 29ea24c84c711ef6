import { AsyncLocalStorage } from "node:async_hooks";
import {
  create,
  type DescMessage,
  type JsonWriteOptions,
  type MessageInitShape,
  type MessageShape,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { HandlerContext } from "@connectrpc/connect";
import type { EventLoopTurns } from "../../../use-cases/read/event-loop-turns.ts";

/*
 * Connect encodes an answer in one go, which for 10,000 spans stops everything else for some 200 ms. So a
 * long list is encoded item by item, in slices with turns of the event loop between them, and Connect is
 * given an answer without that list, into which the encoded items are put:
 *
 * - In binary they are unknown fields, which Protobuf-ES writes as they are.
 * - JSON has no such thing. But Connect's JSON codec lets itself be given a text encoder
 *   (`createJsonSerialization`, not in its public types; `apiJsonOptions` uses the decoder likewise). Ours
 *   finds the items through the asynchronous context of the call.
 */

interface SlicedList {
  /** As JSON spells it. */
  readonly name: string;
  /** The items of each slice, already with commas between them. */
  readonly slices: readonly Uint8Array[];
}

const sliced = new AsyncLocalStorage<{ list: SlicedList | undefined }>();

/** Calls a handler so that its answer may be sliced. */
export function allowSlices<Result>(handle: () => Result): Result {
  return sliced.run({ list: undefined }, handle);
}

/** Fewer than these Connect encodes within a few milliseconds. */
const minSlicedItems = 200;
/** A turn of the event loop has so much time, about, for encoding. */
const sliceMs = 5;

/**
 * An answer with a long list.
 * @param turns of the core that the items come from
 * @param list the field's name in TypeScript; it comes before all fields of text
 * @param toMessage makes the message of an item; what it costs is spread over the slices too
 * @param rest the other fields
 */
export async function listAnswer<Answer extends DescMessage, Item>(
  turns: EventLoopTurns,
  { requestHeader, signal }: Pick<HandlerContext, "requestHeader" | "signal">,
  schema: Answer,
  list: string & keyof Answer["field"],
  items: readonly Item[],
  toMessage: (item: Item) => object,
  rest: MessageInitShape<Answer>,
): Promise<MessageShape<Answer>> {
  const context = sliced.getStore();
  const field = schema.field[list];
  if (field?.message === undefined) {
    throw new Error(`${schema.typeName}.${list} is no list of messages`);
  }
  if (context === undefined || items.length < minSlicedItems) {
    return create(schema, { ...rest, [list]: items.map(toMessage) } as MessageInitShape<Answer>);
  }
  const answer = create(schema, rest);
  const { message: itemSchema, number: no } = field;
  if (isJson(requestHeader.get("content-type") ?? "")) {
    const slices = await encodeInSlices(turns, items, signal, (item) =>
      toJsonString(itemSchema, toMessage(item) as MessageShape<DescMessage>, apiJsonWriteOptions),
    );
    const commaSeparated = slices.map((texts) => utf8.encode(texts.join()));
    context.list = { name: field.jsonName, slices: commaSeparated };
  } else {
    const slices = await encodeInSlices(turns, items, signal, (item) => {
      const bytes = toBinary(itemSchema, toMessage(item) as MessageShape<DescMessage>);
      return { no, wireType: WireType.LengthDelimited, data: new BinaryWriter().bytes(bytes).finish() };
    });
    answer.$unknown = slices.flat();
  }
  return answer;
}

/** Fields that are zero or empty are written, so that an item has the same shape each time. */
export const apiJsonWriteOptions = { alwaysEmitImplicit: true } as const satisfies Partial<JsonWriteOptions>;

/** For Connect's JSON codec: the text of an answer in bytes, with the list that was sliced. */
export const slicedTextEncoder = {
  encode(text: string): Uint8Array {
    const list = sliced.getStore()?.list;
    if (list === undefined) {
      return utf8.encode(text);
    }
    const empty = `"${list.name}":[`;
    const at = text.indexOf(`${empty}]`) + empty.length;
    const parts = list.slices.flatMap((slice, i) => (i === 0 ? [slice] : [comma, slice]));
    return Buffer.concat([utf8.encode(text.slice(0, at)), ...parts, utf8.encode(text.slice(at))]);
  },
};

async function encodeInSlices<Item, Encoded>(
  turns: EventLoopTurns,
  items: readonly Item[],
  signal: AbortSignal,
  encode: (item: Item) => Encoded,
): Promise<Encoded[][]> {
  const slices: Encoded[][] = [];
  for (let i = 0; i < items.length; ) {
    await turns.next();
    signal.throwIfAborted();
    const slice: Encoded[] = [];
    const endMs = performance.now() + sliceMs;
    while (i < items.length && performance.now() < endMs) {
      slice.push(encode(items[i++] as Item));
    }
    slices.push(slice);
  }
  return slices;
}

/** Of any protocol: `application/json`, `application/connect+json`, `application/grpc-web+json`. */
function isJson(contentType: string): boolean {
  return /[/+]json\s*(?:;|$)/i.test(contentType);
}

const utf8 = new TextEncoder();
const comma = utf8.encode(",");
