import { ObsvtyError } from "../../domain/errors.ts";
import type { Rejection } from "../../domain/rejection.ts";
import { type Signal, signals, signalTraits } from "../../domain/signal.ts";
import { resemblance } from "../resemblance.ts";
import { requestSchemas } from "../services.ts";
import { indexAction } from "./index-actions.ts";
import * as layout from "./layout.ts";
import { Locator } from "./locator.ts";
import { createSchemaTable, type SchemaTable } from "./schema-table.ts";
import { instantiate } from "./web-assembly-module.ts";

type Begin = (
  control: number,
  root: number,
  at: number,
  length: number,
  stage: number,
  stageRows: number,
) => void;

/** The functions of `assembly/index.ts`. Addresses and counts are unsigned 32-bit integers. */
interface ScannerExports {
  readonly scan: Begin;
  readonly begin: Begin;
  step(bytes: number): number;
}

/** Where a request is in the memory, and where its rows are staged. */
export interface ScanPlace {
  /** Address of the request. */
  readonly at: number;
  /** Address of a ring of rows, and how many it has room for: of more items the newest stay. */
  readonly stageAt: number;
  readonly stageRows: number;
}

/** Bytes that a step of the scanner or the validator goes over. It takes 2 ms, of a request of the smallest items. */
export const STEP_BYTES = 262_144;

export interface SoundScan {
  readonly kind: "sound";
  readonly accepted: number;
  readonly rejected: number;
  /** One for each reason, in the order of REJECT_*. */
  readonly rejections: readonly Rejection[];
}

export type ScanOutcome = SoundScan | { readonly kind: "refused"; readonly error: ObsvtyError };

/** A longer request that is not the message is not tried as one of another signal: that takes as long again. */
const MAX_TRIED_BYTES = 65_536;

/** Of a refusal: a path through 100 levels is twice as long as the longest message. */
const MAX_PATH_LENGTH = 800;

let table: SchemaTable | undefined;

/**
 * The compiled scanner over a memory. It checks requests and finds where their items are; what becomes of both is
 * up to the owner of the memory, who lays it out from `SCAN_END` on.
 */
export class Scanner {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly #control: number;
  readonly #exports: ScannerExports;
  readonly #roots: Readonly<Record<Signal, number>>;

  /** @param index tells scanners over one memory apart, of which there may be two */
  constructor(memory: WebAssembly.Memory, index: 0 | 1) {
    table ??= createSchemaTable({ ofField: indexAction });
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
    this.#control = layout.CONTROL + index * layout.CONTROL_BYTES;
    this.#exports = instantiate("otlp-scan.wasm", memory);
    this.#roots = table.roots;
    this.words.set(table.entries, layout.TABLE / 4);
  }

  /** Address of the row after the newest one that the last scan staged. */
  get stagedNext(): number {
    return this.#result(layout.RESULT_STAGED_NEXT);
  }

  /** Which message of the schema table, which is in the memory, the request of a signal is. */
  rootOf(signal: Signal): number {
    return this.#roots[signal];
  }

  /** Scans a request and stages the rows of what it accepts. Changes nothing but the stage. */
  scan(signal: Signal, length: number, place: ScanPlace): ScanOutcome {
    const { at, stageAt, stageRows } = place;
    this.#exports.scan(this.#control, this.#roots[signal], at, length, stageAt, stageRows);
    return this.#outcome(signal, length, place);
  }

  /**
   * The same in steps of a few milliseconds.
   * @param stepBytes that one step goes over
   */
  *scanInSteps(
    signal: Signal,
    length: number,
    place: ScanPlace,
    stepBytes = STEP_BYTES,
  ): Generator<void, ScanOutcome> {
    const { at, stageAt, stageRows } = place;
    this.#exports.begin(this.#control, this.#roots[signal], at, length, stageAt, stageRows);
    while (this.#exports.step(stepBytes) === 0) yield;
    return this.#outcome(signal, length, place);
  }

  #outcome(signal: Signal, length: number, place: ScanPlace): ScanOutcome {
    if (this.#result(layout.RESULT_FAULT) !== 0) {
      const request = this.#request(length, place);
      const fault = this.#fault(signal, request);
      const hint = this.#otherSignal(signal, length, place) ?? resemblance(request, "protobuf");
      return { kind: "refused", error: new ObsvtyError("not-the-message", `${fault}${hint}`) };
    }
    const accepted = this.#result(layout.RESULT_ACCEPTED);
    const rejected = this.#result(layout.RESULT_REJECTED);
    return {
      kind: "sound",
      accepted,
      rejected,
      rejections: rejected === 0 ? [] : this.#rejections(signal, this.#request(length, place)),
    };
  }

  #request(length: number, { at }: ScanPlace): Uint8Array {
    return this.bytes.subarray(at, at + length);
  }

  #result(offset: number): number {
    return this.words[(this.#control + offset) / 4] ?? 0;
  }

  #fault(signal: Signal, request: Uint8Array): string {
    const offset = this.#result(layout.RESULT_FAULT_AT) - request.byteOffset;
    const path = new Locator(requestSchemas[signal], request).pathOf(offset, "tag");
    const what = describeFault(this.#result(layout.RESULT_FAULT), this.#result(layout.RESULT_FAULT_DETAIL));
    return `${path === "" ? "request" : shortened(path)}: ${what} at byte ${offset}`;
  }

  /** A hint for the sender of another signal's request, which exporters with a wrong path send. */
  #otherSignal(signal: Signal, length: number, { at, stageAt, stageRows }: ScanPlace): string | undefined {
    if (length > MAX_TRIED_BYTES) return undefined;
    const other = signals.find((tried) => {
      if (tried === signal) return false;
      this.#exports.scan(this.#control, this.#roots[tried], at, length, stageAt, stageRows);
      const isFaulty = this.#result(layout.RESULT_FAULT) !== 0;
      const isEmpty = this.#result(layout.RESULT_ACCEPTED) === 0;
      return !isFaulty && !isEmpty && this.#result(layout.RESULT_REJECTED) === 0;
    });
    return other && `; it can be read as a request of ${other}: is ${signalTraits[other].httpPath} meant?`;
  }

  #rejections(signal: Signal, request: Uint8Array): Rejection[] {
    const locator = new Locator(requestSchemas[signal], request);
    const rejections: Rejection[] = [];
    for (let reason = 0; reason < layout.REJECT_REASONS; reason++) {
      const entry = layout.RESULT_REASONS + reason * layout.REASON_BYTES;
      const count = this.#result(entry);
      if (count === 0) continue;
      const path = locator.pathOf(this.#result(entry + 4) - request.byteOffset, "value");
      rejections.push({ reason: describeRejection(reason, this.#result(entry + 8)), path, count });
    }
    return rejections;
  }
}

/** What is wrong stands behind the path, and a long message is cut. */
function shortened(path: string): string {
  return path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}...` : path;
}

function describeFault(code: number, detail: number): string {
  switch (code) {
    case layout.FAULT_VARINT_TRUNCATED:
      return "truncated varint";
    case layout.FAULT_VARINT_TOO_LONG:
      return "varint of more than 64 bits";
    case layout.FAULT_LENGTH:
      return `length ${detail} runs past its parent`;
    case layout.FAULT_FIXED:
      return `value of ${detail} bytes runs past its parent`;
    case layout.FAULT_WIRE_TYPE:
      return detail === 3 || detail === 4 ? "groups are not part of OTLP" : `unknown wire type ${detail}`;
    case layout.FAULT_FIELD_NUMBER:
      return "invalid field number";
    case layout.FAULT_DEPTH:
      return `nested deeper than ${detail} messages`;
    case layout.FAULT_KNOWN_WIRE_TYPE:
      return `wire type ${detail} is not that of the field`;
    case layout.FAULT_FIELDS:
      return `more than ${layout.MAX_FIELDS} fields`;
    case layout.FAULT_PACKED:
      return `packed values of ${detail} bytes in all are not whole`;
    default:
      throw new Error(`unknown fault ${code}`);
  }
}

function describeRejection(reason: number, detail: number): string {
  switch (reason) {
    case layout.REJECT_TRACE_ID_LENGTH:
      return `trace_id must be 16 bytes, got ${detail}`;
    case layout.REJECT_TRACE_ID_ZERO:
      return "trace_id must not be all zero";
    case layout.REJECT_SPAN_ID_LENGTH:
      return `span_id must be 8 bytes, got ${detail}`;
    case layout.REJECT_SPAN_ID_ZERO:
      return "span_id must not be all zero";
    case layout.REJECT_PARENT_ID_LENGTH:
      return `parent_span_id must be empty or 8 bytes, got ${detail}`;
    case layout.REJECT_TIME_ZERO:
      return "time_unix_nano must be set";
    case layout.REJECT_NO_VALUE:
      return "a data point needs a value or the flag NO_RECORDED_VALUE";
    case layout.REJECT_BUCKETS:
      return `bucket_counts must have one element more than explicit_bounds, got ${detail}`;
    case layout.REJECT_DEPTH:
      return `nested deeper than ${layout.MAX_DEPTH} messages`;
    case layout.REJECT_PROFILE_ID:
      return detail === 16
        ? "profile_id must not be all zero"
        : `profile_id must be empty or 16 bytes, got ${detail}`;
    default:
      throw new Error(`unknown reason ${reason}`);
  }
}
