import { WireType } from "@bufbuild/protobuf/wire";
import type { Signal } from "../../../domain/signal.ts";
import * as row from "../../../otlp/scan/layout.ts";
import { metricDataFields } from "../../../otlp/services.ts";
import { readVarint, type WireField, WireFields } from "../../../otlp/wire/wire-fields.ts";
import type { EncodedItem } from "../../../ports/telemetry-store.ts";
import { Pieces } from "./pieces.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** ResourceSpans.resource, ScopeSpans.scope and their like in the other signals. */
const CONTEXT_FIELD = 1;
/** ResourceSpans.schema_url, ScopeSpans.schema_url and their like in the other signals. */
const SCHEMA_URL_FIELD = 3;
/** Gauge.data_points, Sum.data_points and so on. */
const DATA_POINTS_FIELD = 1;
/** The most resources, scopes and metrics that are remembered: a search reads items of many requests. */
const MAX_CACHED = 256;

/** A resource or a scope, with its schema URL. */
interface Context {
  readonly message: Uint8Array;
  readonly schemaUrl: string;
}

/** Takes items and what surrounds them out of the memory. Everything it returns is a copy, but for what `view` says. */
export class ItemReader {
  readonly #bytes: Uint8Array;
  /** Items of one request share their resource, scope and metric. */
  readonly #contexts = new Map<number, Context>();
  readonly #metrics = new Map<number, Uint8Array>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The owner calls it when the memory has changed. */
  forgetCached(): void {
    // V8 makes a new table for a Map that it clears, also when that is empty, which it is while nobody reads.
    if (this.#contexts.size > 0) this.#contexts.clear();
    if (this.#metrics.size > 0) this.#metrics.clear();
  }

  /** @param word index of the item's row in `words` */
  read(signal: Signal, ordinal: number, word: number, words: Uint32Array): EncodedItem {
    const view = this.view(signal, ordinal, word, words);
    return { ...view, item: view.item.slice() };
  }

  /** The same, with the item's own message where it is in the memory. */
  view(signal: Signal, ordinal: number, word: number, words: Uint32Array): EncodedItem {
    const itemAt = words[word + row.ROW_ITEM_AT / 4] ?? 0;
    const itemLength = words[word + row.ROW_ITEM_LENGTH / 4] ?? 0;
    const resource = this.#context(words[word + row.ROW_RESOURCE_AT / 4] ?? 0);
    const scope = this.#context(words[word + row.ROW_SCOPE_AT / 4] ?? 0);
    const item = {
      ordinal,
      item: this.#bytes.subarray(itemAt, itemAt + itemLength),
      resource: resource.message,
      resourceSchemaUrl: resource.schemaUrl,
      scope: scope.message,
      scopeSchemaUrl: scope.schemaUrl,
    };
    if (signal !== "metrics") return item;
    return { ...item, metric: this.#metric(words[word + row.ROW_PARENT_AT / 4] ?? 0) };
  }

  /** The string behind the length prefix at this address, cut to this many bytes; "" for address 0. */
  stringAt(at: number, maxBytes: number): string {
    if (at === 0) return "";
    const { start, end } = this.#message(at);
    return this.#text(start, Math.min(end, start + maxBytes));
  }

  #text(start: number, end: number): string {
    return utf8.decode(this.#bytes.subarray(start, end));
  }

  /** Start and end of what is behind the length prefix at this address. */
  #message(at: number): { start: number; end: number } {
    const length = readVarint(this.#bytes, at, at + 10);
    if (length === undefined) throw new Error("an index row does not refer to a message");
    return { start: length.next, end: length.next + length.value };
  }

  /**
   * The Resource or InstrumentationScope of the container at this address. One that came in pieces is one
   * message when they are put together (protobuf encoding, "Last One Wins").
   */
  #context(containerAt: number): Context {
    if (containerAt === 0) return { message: new Uint8Array(), schemaUrl: "" };
    return once(this.#contexts, containerAt, () => {
      const { start, end } = this.#message(containerAt);
      const message = new Pieces(this.#bytes);
      let urlAt = start;
      let urlEnd = start;
      for (const field = new WireFields(this.#bytes, start, end); field.next(); ) {
        if (field.number === CONTEXT_FIELD) {
          message.add(field.valueAt, field.end);
        } else if (field.number === SCHEMA_URL_FIELD) {
          urlAt = field.valueAt;
          urlEnd = field.end;
        }
      }
      return { message: message.toBytes(), schemaUrl: this.#text(urlAt, urlEnd) };
    });
  }

  /**
   * The Metric at this address without its data points. A member of its oneof `data` replaces another that came
   * before; the same one twice in a row is one message in two parts (protobuf encoding, "Last One Wins").
   */
  #metric(at: number): Uint8Array {
    if (at === 0) return new Uint8Array();
    return once(this.#metrics, at, () => {
      const { start, end } = this.#message(at);
      const others = new Pieces(this.#bytes);
      const data = new Pieces(this.#bytes);
      let member = 0;
      for (const field = new WireFields(this.#bytes, start, end); field.next(); ) {
        if (!metricDataFields.has(field.number)) {
          others.add(field.tagAt, field.end);
          continue;
        }
        if (field.number !== member) data.clear();
        member = field.number;
        this.#addWithoutPoints(data, field);
      }
      if (member === 0) return others.toBytes();
      return concat(
        others.toBytes(),
        varintBytes(member * 8 + WireType.LengthDelimited),
        varintBytes(data.byteLength),
        data.toBytes(),
      );
    });
  }

  #addWithoutPoints(kept: Pieces, data: WireField): void {
    for (const field = new WireFields(this.#bytes, data.valueAt, data.end); field.next(); ) {
      if (field.number !== DATA_POINTS_FIELD) kept.add(field.tagAt, field.end);
    }
  }
}

function once<Value>(cache: Map<number, Value>, key: number, take: () => Value): Value {
  let taken = cache.get(key);
  if (taken === undefined) {
    taken = take();
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(key, taken);
  }
  return taken;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.of(...bytes, rest);
    bytes.push((rest % 128) + 128);
  }
}
