import type { Rejection } from "../../domain/rejection.ts";
import type { Signal } from "../../domain/signal.ts";
import { TABLE } from "../scan/layout.ts";
import { Locator } from "../scan/locator.ts";
import { STEP_BYTES } from "../scan/scanner.ts";
import { createSchemaTable, type SchemaTable } from "../scan/schema-table.ts";
import { instantiate, reserveMemory } from "../scan/web-assembly-module.ts";
import { requestSchemas } from "../services.ts";
import * as layout from "./layout.ts";
import { strictActions } from "./strict-actions.ts";

/** The functions of `assembly/index.ts`. Addresses and counts are unsigned 32-bit integers. */
interface StrictExports {
  begin(root: number, at: number, length: number): void;
  step(bytes: number): number;
}

/**
 * Finds what is kept as sent though OTLP says otherwise (docs/sending.md, "What is refused"), for `VALIDATION=strict`.
 */
export class StrictValidator {
  readonly #short: Check;
  /** Pauses in the middle of a request. */
  readonly #long: Check;

  /**
   * @param shortBytes length of the longest request to be checked at once
   * @param maxBytes length of the longest request
   */
  constructor(shortBytes: number, maxBytes: number) {
    this.#short = new Check(Math.min(shortBytes, maxBytes));
    this.#long = new Check(maxBytes);
  }

  /**
   * What is odd about a request that a store has kept: one for each kind, with the path of the first.
   * @param chunks the request in order, split anywhere
   */
  check(signal: Signal, chunks: readonly Uint8Array[], byteLength: number): readonly Rejection[] {
    this.#short.begin(signal, chunks, byteLength);
    this.#short.step(byteLength);
    return this.#short.warnings(signal, byteLength);
  }

  /**
   * The same for a request of any length, in steps of some milliseconds; one request at a time.
   * @param stepBytes that one step goes over
   */
  *checkInSteps(
    signal: Signal,
    chunks: readonly Uint8Array[],
    byteLength: number,
    stepBytes = STEP_BYTES,
  ): Generator<void, readonly Rejection[]> {
    this.#long.begin(signal, chunks, byteLength);
    while (!this.#long.step(stepBytes)) yield;
    return this.#long.warnings(signal, byteLength);
  }
}

/** The compiled validator over a memory of its own. */
class Check {
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #exports: StrictExports;
  readonly #roots: SchemaTable["roots"];

  constructor(maxRequestBytes: number) {
    const memory = reserveMemory(layout.REQUEST + maxRequestBytes);
    const { entries, roots } = createSchemaTable(strictActions);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    this.#words.set(entries, TABLE / 4);
    this.#exports = instantiate("otlp-strict.wasm", memory);
    this.#roots = roots;
  }

  begin(signal: Signal, chunks: readonly Uint8Array[], byteLength: number): void {
    let at = layout.REQUEST;
    for (const chunk of chunks) {
      this.#bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    this.#exports.begin(this.#roots[signal], layout.REQUEST, byteLength);
  }

  /** Goes over about this many bytes. True when the request has been checked to its end. */
  step(bytes: number): boolean {
    return this.#exports.step(bytes) !== 0;
  }

  warnings(signal: Signal, byteLength: number): Rejection[] {
    const request = this.#bytes.subarray(layout.REQUEST, layout.REQUEST + byteLength);
    const locator = new Locator(requestSchemas[signal], request);
    const warnings: Rejection[] = [];
    for (const [kind, { of, reason }] of Object.entries(kinds)) {
      const entry = (layout.WARNINGS + Number(kind) * layout.WARNING_BYTES) / 4;
      const [count = 0, at = 0, detail = 0] = this.#words.subarray(entry, entry + 3);
      if (count === 0) continue;
      const path = locator.pathOf(at - layout.REQUEST, of);
      warnings.push({ reason: reason(detail), path, count });
    }
    return warnings;
  }
}

interface Kind {
  /** Whether its address is that of a tag or of a value. */
  readonly of: "tag" | "value";
  readonly reason: (detail: number) => string;
}

const kinds: Readonly<Record<number, Kind>> = {
  [layout.WARN_UNKNOWN_FIELD]: { of: "tag", reason: () => "unknown field" },
  [layout.WARN_UNKNOWN_ENUM]: { of: "tag", reason: () => "unknown enum value" },
  [layout.WARN_TIME_ORDER]: {
    of: "value",
    reason: () => "end_time_unix_nano is before start_time_unix_nano",
  },
  [layout.WARN_EMPTY_NAME]: { of: "value", reason: () => "name is empty" },
  [layout.WARN_EMPTY_KEY]: { of: "value", reason: () => "key is empty" },
  [layout.WARN_REPEATED_KEY]: { of: "value", reason: () => "key is given more than once" },
  [layout.WARN_TRACE_ID]: {
    of: "tag",
    reason: (length) => `trace_id must be empty or 16 bytes, got ${length}`,
  },
  [layout.WARN_SPAN_ID]: { of: "tag", reason: (length) => `span_id must be empty or 8 bytes, got ${length}` },
  [layout.WARN_UTF8]: { of: "tag", reason: () => "not UTF-8" },
};
