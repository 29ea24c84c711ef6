import type { EncodedItem } from "../../domain/encoded-item.ts";
import type { Attributes, AttributeValue, ItemContext } from "../../domain/telemetry.ts";
import { WireFields } from "../wire/wire-fields.ts";
import { readContext } from "./decode-item.ts";
import { hexId } from "./hex-id.ts";
import { forEachInt, int32At, type ProfileDictionary } from "./profile-dictionary.ts";

/** A profile but for its samples. */
export interface Profile extends ItemContext {
  /** "" when it has none. */
  readonly profileId: string;
  readonly timeUnixNano: bigint;
  readonly durationNano: bigint;
  /** What its samples measure, such as cpu in nanoseconds. */
  readonly type: string;
  readonly unit: string;
  readonly periodType: string;
  readonly periodUnit: string;
  readonly period: bigint;
  readonly samples: number;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly originalPayloadFormat: string;
}

/** What one sample tells. */
export interface Sample {
  readonly stackIndex: number;
  /** All of its values together; without values each of its timestamps counts as one. */
  readonly value: bigint;
}

/** Fields of Profile, by number. */
const SAMPLE = 2;
const utf8 = new TextDecoder();
const maxAttributes = 1_000;
const maxFormatBytes = 1_024;
/** More values, or fields, of one sample would take too long to add up. */
const maxValues = 100_000;

/** Bytes of a profile that are looked at in one step, about. */
const stepBytes = 32_768;

/**
 * Decodes in short steps: a profile of megabytes may have millions of fields. Never throws on bytes that the scanner
 * accepted.
 */
export function* decodeProfile(
  encoded: EncodedItem,
  dictionary: ProfileDictionary,
): Generator<void, Profile, undefined> {
  const bytes = encoded.item;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [samples, droppedAttributesCount] = [0, 0];
  let [timeUnixNano, durationNano, period] = [0n, 0n, 0n];
  let [profileId, originalPayloadFormat] = ["", ""];
  let sampleType: ValueType = { type: "", unit: "" };
  let periodType: ValueType = { type: "", unit: "" };
  const attributes: [string, AttributeValue][] = [];
  let stepEnd = stepBytes;
  for (const field = new WireFields(bytes); field.next(); ) {
    const { valueAt, end } = field;
    if (end > stepEnd) {
      yield;
      stepEnd = end + stepBytes;
    }
    switch (field.number) {
      case 1:
        sampleType = valueType(bytes, field, dictionary);
        break;
      case SAMPLE:
        samples += 1;
        break;
      case 3:
        timeUnixNano = view.getBigUint64(valueAt, true);
        break;
      case 4:
        durationNano = BigInt.asUintN(64, varintAt(bytes, valueAt, end));
        break;
      case 5:
        periodType = valueType(bytes, field, dictionary);
        break;
      case 6:
        period = BigInt.asIntN(64, varintAt(bytes, valueAt, end));
        break;
      case 7:
        profileId = hexId(bytes.subarray(valueAt, end));
        break;
      case 8:
        droppedAttributesCount = int32At(bytes, valueAt, end) >>> 0;
        break;
      case 9:
        originalPayloadFormat = utf8.decode(bytes.subarray(valueAt, Math.min(end, valueAt + maxFormatBytes)));
        break;
      case 11:
        forEachInt(bytes, field, (index) => {
          if (attributes.length === maxAttributes) return false;
          attributes.push([...dictionary.attribute(index)]);
          return true;
        });
        break;
    }
  }
  return {
    ...readContext(encoded, 0),
    profileId,
    timeUnixNano,
    durationNano,
    ...sampleType,
    periodType: periodType.type,
    periodUnit: periodType.unit,
    period,
    samples,
    attributes: Object.fromEntries(attributes),
    droppedAttributesCount,
    originalPayloadFormat,
  };
}

/** The samples of an encoded Profile, one after the other; undefined now and then where there is none for many bytes. */
export function* samplesOf(bytes: Uint8Array): Generator<Sample | undefined, void, undefined> {
  let stepEnd = stepBytes;
  for (const field = new WireFields(bytes); field.next(); ) {
    const isSample = field.number === SAMPLE;
    if (!isSample && field.end <= stepEnd) continue;
    yield isSample ? sampleOf(bytes, field.valueAt, field.end) : undefined;
    stepEnd = field.end + stepBytes;
  }
}

function sampleOf(bytes: Uint8Array, at: number, end: number): Sample {
  let stackIndex = 0;
  let value = 0n;
  let hasValues = false;
  let timestamps = 0;
  let left = maxValues;
  for (const field = new WireFields(bytes, at, end); left-- > 0 && field.next(); ) {
    if (field.number === 1) stackIndex = int32At(bytes, field.valueAt, field.end);
    if (field.number === 4) {
      for (const each of longsOf(bytes, field)) {
        if (left-- <= 0) break;
        value += each;
        hasValues = true;
      }
    }
    if (field.number === 5)
      timestamps += field.wireType === 2 ? Math.floor((field.end - field.valueAt) / 8) : 1;
  }
  return { stackIndex, value: hasValues ? value : BigInt(timestamps) };
}

interface ValueType {
  readonly type: string;
  readonly unit: string;
}

function valueType(
  bytes: Uint8Array,
  { valueAt, end }: WireFields,
  dictionary: ProfileDictionary,
): ValueType {
  let [type, unit] = [0, 0];
  for (const field = new WireFields(bytes, valueAt, Math.min(end, valueAt + stepBytes)); field.next(); ) {
    if (field.number === 1) type = int32At(bytes, field.valueAt, field.end);
    if (field.number === 2) unit = int32At(bytes, field.valueAt, field.end);
  }
  return { type: type === 0 ? "" : dictionary.string(type), unit: unit === 0 ? "" : dictionary.string(unit) };
}

function* longsOf(
  bytes: Uint8Array,
  { wireType, valueAt, end }: Pick<WireFields, "wireType" | "valueAt" | "end">,
): Generator<bigint, void, undefined> {
  if (wireType !== 2) {
    yield BigInt.asIntN(64, varintAt(bytes, valueAt, end));
    return;
  }
  let from = valueAt;
  for (let at = valueAt; at < end; at++) {
    if ((bytes[at] ?? 0) >= 0x80) continue;
    yield BigInt.asIntN(64, varintAt(bytes, from, at + 1));
    from = at + 1;
  }
}

function varintAt(bytes: Uint8Array, at: number, end: number): bigint {
  // Most numbers are small.
  if (end - at <= 4) return BigInt(int32At(bytes, at, end));
  let value = 0n;
  for (let i = at; i < end; i++) value |= BigInt((bytes[i] ?? 0) & 0x7f) << BigInt(7 * (i - at));
  return value;
}
