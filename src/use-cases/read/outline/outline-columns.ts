import { randomInt } from "node:crypto";
import type { EncodedItem } from "../../../domain/encoded-item.ts";
import type { SpansById } from "../../../domain/span-parents.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { compareTimes } from "../../../domain/time.ts";
import { readService } from "../../../otlp/decode/decode-item.ts";
import { hexIdAt } from "../../../otlp/decode/hex-id.ts";
import { type SpanCore, SpanParts } from "../../../otlp/decode/span-core.ts";

/** Of a larger trace the spans that arrived first are taken. */
const maxSpans = 200_000;
/** What a span takes in all arrays of an outline, about. */
export const bytesOfSpan = 256;

/**
 * The spans of a trace in arrays, by their place in order of arrival: 80,000 objects with their texts and times would keep
 * the garbage collector busy for as long as the rest of the outline takes.
 */
export class OutlineColumns implements SpansById<number> {
  /** How many spans are held, of `spanCount`. */
  length = 0;
  spanCount = 0;
  errorCount = 0;
  /** The earliest start and the latest end. */
  readonly #range = new BigUint64Array(2);
  readonly #startWords = new Uint32Array(this.#range.buffer, 0, 2);
  readonly #parts = new SpanParts();
  readonly #names: string[] = [];
  readonly #services: string[] = [];
  #kinds = new Int32Array(1_024);
  #statuses = new Int32Array(1_024);
  /** Eight bytes of each span's own id, and eight of its parent's. */
  #ids = new Uint8Array(16 * 1_024);
  #idWords = new Uint32Array(this.#ids.buffer);
  /** Each span's start and its end. */
  #times = new BigUint64Array(2 * 1_024);
  #timeWords = new Uint32Array(this.#times.buffer);
  /** A hash table of the spans that are found by their ids: the place of each plus one, 0 where there is none. */
  #slots = new Int32Array(0);
  /** Nobody can send ids that meet. */
  readonly #salt = randomInt(2 ** 32);

  /** Takes a span. Throws when it cannot be decoded. */
  take(encoded: EncodedItem): void {
    const parts = this.#parts;
    parts.locate(encoded.item);
    const { name } = parts;
    const service = readService(encoded.resource);
    this.spanCount += 1;
    if (parts.statusCode === statusCodeError) this.errorCount += 1;
    const { startUnixNano, endUnixNano } = parts;
    if (compareTimes(startUnixNano, this.startUnixNano) < 0) this.#range[0] = startUnixNano;
    if (endUnixNano > this.endUnixNano) this.#range[1] = endUnixNano;
    if (this.length === maxSpans) return;
    if (this.length === this.#kinds.length) this.#grow();
    const span = this.length++;
    this.#names.push(name);
    this.#services.push(service);
    this.#kinds[span] = parts.kind;
    this.#statuses[span] = parts.statusCode;
    parts.copyIds(this.#ids, 16 * span);
    this.#times[2 * span] = startUnixNano;
    this.#times[2 * span + 1] = endUnixNano;
  }

  #grow(): void {
    this.#kinds = copied(this.#kinds, new Int32Array(2 * this.#kinds.length));
    this.#statuses = copied(this.#statuses, new Int32Array(2 * this.#statuses.length));
    this.#ids = copied(this.#ids, new Uint8Array(2 * this.#ids.length));
    this.#idWords = new Uint32Array(this.#ids.buffer);
    this.#times = copied(this.#times, new BigUint64Array(2 * this.#times.length));
    this.#timeWords = new Uint32Array(this.#times.buffer);
  }

  /** The earliest start; 0 when no span has one. */
  get startUnixNano(): bigint {
    return this.#range[0]!;
  }

  /** The latest end; 0 when no span has one. */
  get endUnixNano(): bigint {
    return this.#range[1]!;
  }

  core(span: number): SpanCore {
    return {
      spanId: hexIdAt(this.#ids, 16 * span, 16 * span + 8),
      parentSpanId: hexIdAt(this.#ids, 16 * span + 8, 16 * span + 16),
      name: this.#names[span]!,
      service: this.#services[span]!,
      kind: this.#kinds[span]!,
      statusCode: this.#statuses[span]!,
      startUnixNano: this.#times[2 * span]!,
      endUnixNano: this.#times[2 * span + 1]!,
    };
  }

  hasStart(span: number): boolean {
    return this.#isKnown(2 * span);
  }

  /**
   * The start and the end in nanoseconds since the start of the trace. Of a span of which one is not known, it is the
   * other one, or else 0.
   */
  start(span: number): number {
    return this.#sinceStart(this.#isKnown(2 * span) ? 2 * span : 2 * span + 1);
  }

  end(span: number): number {
    return this.#sinceStart(this.#isKnown(2 * span + 1) ? 2 * span + 1 : 2 * span);
  }

  /** The same, also where it is more than 2^53: a bigint, see `OutlineTree`. */
  exactStart(span: number): number {
    return this.#exactSinceStart(this.#isKnown(2 * span) ? 2 * span : 2 * span + 1);
  }

  exactEnd(span: number): number {
    return this.#exactSinceStart(this.#isKnown(2 * span + 1) ? 2 * span + 1 : 2 * span);
  }

  #exactSinceStart(time: number): number {
    return (this.#isKnown(time) ? this.#times[time]! - this.startUnixNano : 0n) as unknown as number;
  }

  #isKnown(time: number): boolean {
    return this.#timeWords[2 * time] !== 0 || this.#timeWords[2 * time + 1] !== 0;
  }

  /** In words of 32 bits, because numbers of 64 bits are objects. */
  #sinceStart(time: number): number {
    if (!this.#isKnown(time)) return 0;
    const [startLow, startHigh] = this.#startWords;
    return (this.#timeWords[2 * time + 1]! - startHigh!) * 2 ** 32 + (this.#timeWords[2 * time]! - startLow!);
  }

  service(span: number): string {
    return this.#services[span]!;
  }

  kind(span: number): number {
    return this.#kinds[span]!;
  }

  add(span: number): number | undefined {
    if (this.#slots.length === 0)
      this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(this.length * 2 + 1)));
    const slot = this.#slotOf(4 * span);
    const first = this.#slots[slot]!;
    if (first > 0) return first - 1;
    this.#slots[slot] = span + 1;
    return undefined;
  }

  withIdOf(span: number): number | undefined {
    return this.#find(4 * span);
  }

  withParentIdOf(span: number): number | undefined {
    return this.#find(4 * span + 2);
  }

  /** @param word of an id */
  #find(word: number): number | undefined {
    if (this.#idWords[word] === 0 && this.#idWords[word + 1] === 0) return undefined;
    const found = this.#slots[this.#slotOf(word)]!;
    return found > 0 ? found - 1 : undefined;
  }

  /** The slot of the span with this id, or the one where it belongs. */
  #slotOf(word: number): number {
    const words = this.#idWords;
    const [low, high] = [words[word]!, words[word + 1]!];
    const last = this.#slots.length - 1;
    let hash = Math.imul(low ^ this.#salt, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ high, 0x85ebca77);
    let slot = (hash ^ (hash >>> 13)) & last;
    for (;;) {
      const span = this.#slots[slot]! - 1;
      if (span < 0 || (words[4 * span] === low && words[4 * span + 1] === high)) return slot;
      slot = (slot + 1) & last;
    }
  }
}

function copied<Numbers extends Int32Array | Uint8Array | BigUint64Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from as never);
  return to;
}
