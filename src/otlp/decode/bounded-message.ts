import { type DescField, type DescMessage, type MessageShape, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { WireFields } from "../wire/wire-fields.ts";
import { wireTypeOf } from "../wire/wire-type.ts";
import { readMessage } from "./read-message.ts";

/*
 * Decoding one span of 330,000 attributes, and writing it as JSON, takes most of a second, in which nothing else is
 * served. So a message is decoded as far as takes some milliseconds, and what is left out is counted.
 *
 * What a field costs is counted in units. One unit is about a third of a microsecond for all that is done with a field
 * when it is read: decoding, matching, converting and encoding. With the limits below the largest items of every shape
 * took 10 to 20 ms, of one shape or the other: 330,000 attributes, two million empty events, 95,000 buckets.
 */

/**
 * What a message may cost: an item, and the resource, scope and metric that it shares with others. An item has
 * room for 6,800 attributes, 12,000 events or 96,000 buckets; SDKs stop at 128 attributes and 160 buckets.
 */
export const maxCost = { item: 48_000, context: 8_000 } as const;

/** An element of a list of messages becomes an object with fields of its own, even when it is empty. */
const listElementCost = 4;
/** Lists leave this much to the fields that a message has once, such as a span's status. */
const reservedCost = 100;
const bytesPerUnit = { text: 1_024, varints: 2, fixed: 16 } as const;
/** No field takes less than two bytes, so that a short message is within the limit whatever it holds. */
const minBytesPerField = 2;
/** Walking over the rest of a message costs too: some nanoseconds a field. */
const maxFieldsWalked = 500_000;
/** As many fields of elements of lists are walked over to find out what they cost: some tens of nanoseconds each. */
const maxInnerFieldsWalked = 100_000;

export interface BoundedMessage<Desc extends DescMessage> {
  readonly message: MessageShape<Desc>;
  /** Bytes of known fields that were left out. */
  readonly omittedBytes: number;
}

/**
 * Decodes as `readMessage` does, but for fields that would cost too much. Of a list the first elements stay.
 * @param limit what the message may cost, one of `maxCost`
 */
export function readBounded<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  limit: number,
): BoundedMessage<Desc> {
  if ((bytes.byteLength / minBytesPerField) * listElementCost <= limit) {
    return { message: readMessage(schema, bytes), omittedBytes: 0 };
  }
  const { kept, omittedBytes } = cut(costsOf(schema), bytes, limit);
  return { message: readMessage(schema, kept), omittedBytes };
}

function cut(
  costs: MessageCosts,
  bytes: Uint8Array,
  limit: number,
): { kept: Uint8Array; omittedBytes: number } {
  const kept = new Uint8Array(bytes.byteLength);
  let keptBytes = 0;
  let omittedBytes = 0;
  let left = limit;
  let walked = 0;
  const walk: Walk = { innerLeft: maxInnerFieldsWalked };
  for (const field = new WireFields(bytes); field.next(); ) {
    walked += 1;
    if (walked > maxFieldsWalked) {
      omittedBytes += bytes.byteLength - field.tagAt;
      break;
    }
    const known = costs[field.number];
    // Unknown fields are never shown.
    if (known === undefined) continue;
    const affordable = known.isList ? left - reservedCost : left;
    const isOver = known.fixed > affordable || (known.isList && walk.innerLeft <= 0);
    const cost = isOver ? Number.POSITIVE_INFINITY : costOf(known, bytes, field, affordable, walk);
    if (cost > affordable) {
      omittedBytes += field.end - field.tagAt;
      continue;
    }
    left -= cost;
    kept.set(bytes.subarray(field.tagAt, field.end), keptBytes);
    keptBytes += field.end - field.tagAt;
  }
  return { kept: kept.subarray(0, keptBytes), omittedBytes };
}

/** What it costs to show a field of one message. */
interface FieldCost {
  readonly isList: boolean;
  readonly fixed: number;
  /** How many bytes cost one unit, in fields with a length prefix that hold no message. */
  readonly bytesPerUnit: number;
  /** The costs of the message, for fields that hold one. */
  readonly message: MessageCosts | undefined;
}

/** The costs of fields, by field number. */
type MessageCosts = (FieldCost | undefined)[];

interface Walk {
  innerLeft: number;
}

/** @param limit once the cost is known to be over it, it is not counted on */
function costOf(known: FieldCost, bytes: Uint8Array, field: WireFields, limit: number, walk: Walk): number {
  let cost = known.fixed;
  if (field.wireType !== WireType.LengthDelimited) return cost;
  if (known.message === undefined) return cost + (field.end - field.valueAt) / known.bytesPerUnit;
  for (const inner = new WireFields(bytes, field.valueAt, field.end); cost <= limit && inner.next(); ) {
    walk.innerLeft -= 1;
    const innerCost = known.message[inner.number];
    cost += innerCost === undefined ? 0 : costOf(innerCost, bytes, inner, limit - cost, walk);
  }
  return cost;
}

const costsByType = new Map<string, MessageCosts>();

function costsOf(schema: DescMessage): MessageCosts {
  const known = costsByType.get(schema.typeName);
  if (known !== undefined) return known;
  const costs: MessageCosts = [];
  // The message is registered before its fields are looked at: AnyValue contains itself.
  costsByType.set(schema.typeName, costs);
  for (const field of schema.fields) {
    const isList = field.fieldKind === "list";
    costs[field.number] = {
      isList,
      fixed: isList && field.message !== undefined ? listElementCost : 1,
      bytesPerUnit: bytesPerUnitOf(field),
      message: field.message === undefined ? undefined : costsOf(field.message),
    };
  }
  return costs;
}

function bytesPerUnitOf(field: DescField): number {
  if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES) return bytesPerUnit.text;
  return wireTypeOf(field) === WireType.Varint ? bytesPerUnit.varints : bytesPerUnit.fixed;
}
