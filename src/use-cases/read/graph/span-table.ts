import { randomBytes } from "node:crypto";
import { isCalleeKind, isCallerKind, spanKinds } from "../../../domain/span-kind.ts";

/*
 * The spans of a graph in typed arrays, some sixty bytes a span: a million of them as objects would take many times as
 * much. A span is found by a hash of 64 bits of its trace id and span id, which is salted, so that nobody can send ids
 * that meet.
 */

/** What is noted of a span. */
export interface NotedSpan {
  readonly id: Hash;
  /** Undefined for a root span. */
  readonly parent: Hash | undefined;
  readonly kind: number;
  readonly hasFailed: boolean;
  /** Undefined when it is not known. */
  readonly durationNano: number | undefined;
  /** Indices of names; 0 for none. */
  readonly service: number;
  readonly peer: number;
}

/** Two words that are not both 0. */
export interface Hash {
  readonly high: number;
  readonly low: number;
}

/** How many bytes a span takes here, its place in the hash table included. */
export const bytesOfSpan = 60;

const HAS_FAILED = 1;
const HAS_DURATION = 2;
/** A span of its trace and service has a child in another service, or a server span as its child. */
const IS_ANSWERED = 4;
const IS_WANTED = 8;
/** Other spans have its id too. */
const IS_SHARED = 16;
const IS_THERE = 32;

export class SpanTable {
  readonly #ids: Uint32Array;
  readonly #parents: Uint32Array;
  readonly #services: Uint32Array;
  readonly #peers: Uint32Array;
  readonly #durations: Float64Array;
  readonly #kinds: Uint8Array;
  readonly #flags: Uint8Array;
  /** Of each slot the index of a span plus one; 0 where there is none. */
  readonly #slots: Uint32Array;
  readonly #mask: number;

  /** @param size how many spans there are at most, each with an index of its own */
  constructor(size: number) {
    this.#ids = new Uint32Array(size * 2);
    this.#parents = new Uint32Array(size * 2);
    this.#services = new Uint32Array(size);
    this.#peers = new Uint32Array(size);
    this.#durations = new Float64Array(size);
    this.#kinds = new Uint8Array(size);
    this.#flags = new Uint8Array(size);
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, size * 1.5)));
    this.#slots = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  add(index: number, span: NotedSpan): void {
    const { id, parent, kind, hasFailed, durationNano, service, peer } = span;
    this.#ids[index * 2] = id.high;
    this.#ids[index * 2 + 1] = id.low;
    this.#parents[index * 2] = parent?.high ?? 0;
    this.#parents[index * 2 + 1] = parent?.low ?? 0;
    this.#services[index] = service;
    this.#peers[index] = peer;
    this.#durations[index] = durationNano ?? 0;
    this.#kinds[index] = kind >= 0 && kind < 255 ? kind : 255;
    this.#flags[index] =
      IS_THERE | (hasFailed ? HAS_FAILED : 0) | (durationNano === undefined ? 0 : HAS_DURATION);
    const slot = this.#slotOf(id.high, id.low);
    const other = (this.#slots[slot] ?? 0) - 1;
    if (other >= 0) {
      this.#set(other, IS_SHARED);
      this.#set(index, IS_SHARED);
    }
    // Both sides of a call may share an id: the caller is what others are looked up for.
    if (other < 0 || (this.isCaller(index) && !this.isCaller(other))) this.#slots[slot] = index + 1;
  }

  /** The index of the span with this id, or -1. */
  find({ high, low }: Hash): number {
    return (this.#slots[this.#slotOf(high, low)] ?? 0) - 1;
  }

  /**
   * The index of the span that called this one, by its parent or a shared id; -1 when that is not held. It is coarser
   * than `SpanParents`, which has objects of one trace: of several spans with one id it knows one, the caller.
   */
  callerOf(index: number): number {
    if (this.#has(index, IS_SHARED) && this.isCallee(index)) {
      const other = this.find(this.#hashAt(this.#ids, index));
      if (other !== index && this.isCaller(other)) return other;
    }
    const parent = this.#hashAt(this.#parents, index);
    const found = parent.high === 0 && parent.low === 0 ? -1 : this.find(parent);
    return found === index ? -1 : found;
  }

  /** Whether one span is called by another: they are of two services, or one is the server's side and one the client's. */
  isCall(caller: number, callee: number): boolean {
    if (this.isCallee(callee) && this.isCaller(caller)) return true;
    if (this.service(caller) === this.service(callee)) return false;
    // Which of the spans with this id is the parent, is not known.
    return !this.#has(caller, IS_SHARED) || this.isCallee(callee);
  }

  isThere(index: number): boolean {
    return this.#has(index, IS_THERE);
  }

  isCaller(index: number): boolean {
    return isCallerKind(this.#kinds[index]);
  }

  isCallee(index: number): boolean {
    return isCalleeKind(this.#kinds[index]);
  }

  isProducer(index: number): boolean {
    return this.#kinds[index] === spanKinds.producer;
  }

  /** Whether a call is a message: from a producer or to a consumer. */
  isMessage(caller: number, callee: number): boolean {
    return this.isProducer(caller) || this.#kinds[callee] === spanKinds.consumer;
  }

  service(index: number): number {
    return this.#services[index] ?? 0;
  }

  peer(index: number): number {
    return this.#peers[index] ?? 0;
  }

  durationNano(index: number): number | undefined {
    return this.#has(index, HAS_DURATION) ? this.#durations[index] : undefined;
  }

  hasFailed(index: number): boolean {
    return this.#has(index, HAS_FAILED);
  }

  isAnswered(index: number): boolean {
    return this.#has(index, IS_ANSWERED);
  }

  setAnswered(index: number): void {
    this.#set(index, IS_ANSWERED);
  }

  isWanted(index: number): boolean {
    return this.#has(index, IS_WANTED);
  }

  setWanted(index: number): void {
    this.#set(index, IS_WANTED);
  }

  #has(index: number, flag: number): boolean {
    return ((this.#flags[index] ?? 0) & flag) !== 0;
  }

  #set(index: number, flag: number): void {
    this.#flags[index] = (this.#flags[index] ?? 0) | flag;
  }

  #hashAt(hashes: Uint32Array, index: number): Hash {
    return { high: hashes[index * 2] ?? 0, low: hashes[index * 2 + 1] ?? 0 };
  }

  /** The slot of an id, or the free one where it would be. */
  #slotOf(high: number, low: number): number {
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const index = (this.#slots[slot] ?? 0) - 1;
      if (index < 0 || (this.#ids[index * 2] === high && this.#ids[index * 2 + 1] === low)) return slot;
    }
  }
}

/** Hashes ids of spans with a salt of its own. */
export class IdHasher {
  readonly #salt = new Uint32Array(randomBytes(8).buffer.slice(0, 8));

  of(traceId: Uint8Array, spanId: Uint8Array): Hash {
    let high = this.#salt[0] ?? 1;
    let low = this.#salt[1] ?? 2;
    for (const bytes of [traceId, spanId]) {
      for (const byte of bytes) {
        high = Math.imul(high ^ byte, 0x85eb_ca6b) + low;
        low = Math.imul(low ^ (high >>> 15), 0xc2b2_ae35) ^ byte;
      }
    }
    high = Math.imul(high ^ (high >>> 16), 0x7feb_352d) >>> 0;
    low = Math.imul(low ^ (low >>> 15), 0x846c_a68b) >>> 0;
    return { high, low: high === 0 && low === 0 ? 1 : low };
  }
}
