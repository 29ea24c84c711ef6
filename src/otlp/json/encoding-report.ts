import type { Rejection } from "../../domain/rejection.ts";
import { LeftOutCollector, type LeftOutElements, pathText, type RequestPath } from "./request-path.ts";
import { printableName, type UnknownField } from "./unknown-field.ts";

/** What could not be encoded of a JSON request. Plain data, so that it can pass between threads. */
export interface EncodingReport {
  /** Items that hold a value which does not fit. They are not among the encoded bytes. */
  readonly rejections: readonly Rejection[];
  /** Values of resources and scopes that do not fit, and were left out. No item was rejected for them. */
  readonly omissions: readonly Rejection[];
  /** What was left out without a word to the sender, who is told of it with `VALIDATION=strict` alone. */
  readonly warnings: readonly Rejection[];
  /** The first unknown field where the fields that lead to items are missing. */
  readonly unknownField: UnknownField | undefined;
  /** Maps paths in the encoded request to paths in the JSON: see `pathAsSent`. */
  readonly leftOut: LeftOutElements;
}

/** What is wrong with a value, as a predicate: "must be a string". */
export type Fault = string;

/** Collects what cannot be encoded of one request. */
export class EncodingFaults {
  readonly #rejections = new FaultCounts();
  readonly #omissions = new FaultCounts();
  readonly #warnings = new FaultCounts();
  readonly #leftOut = new LeftOutCollector();
  #unknownField: UnknownField | undefined;

  /**
   * @param path of the faulty value
   * @param element path of the list element that is left out for it
   * @param items how many items are in the element
   */
  reject(path: RequestPath, fault: Fault, element: RequestPath, items: number): void {
    this.#rejections.add(describe(path, fault), path, items);
    this.#leftOut.add(element);
  }

  /** @param path of the value that is left out */
  omit(path: RequestPath, fault: Fault): void {
    this.#omissions.add(describe(path, fault), path);
  }

  /** @param path of the value, which is kept in another form or not at all */
  warn(path: RequestPath, fault: Fault): void {
    this.#warnings.add(describe(path, fault), path);
  }

  /** @param path of the object that has the field */
  warnOfUnknownField(path: RequestPath, name: string): void {
    this.#warnings.add("unknown field", [...path, printableName(name)]);
  }

  /** @param path of the object that has the field */
  ignore(path: RequestPath, name: string): void {
    this.#unknownField ??= { name, path: pathText(path) };
  }

  report(): EncodingReport {
    return {
      rejections: this.#rejections.list(),
      omissions: this.#omissions.list(),
      warnings: this.#warnings.list(),
      unknownField: this.#unknownField,
      leftOut: { indices: this.#leftOut.indices, hasMore: this.#leftOut.hasMore },
    };
  }
}

/** Answers name this many kinds of faults, so that their length is bounded. */
const maxKinds = 20;

/** Counts faults by their kind, with the path of the first one of each. */
class FaultCounts {
  readonly #kinds = new Map<string, { reason: string; path: string; count: number }>();

  add(described: string, path: RequestPath, count = 1): void {
    const reason = this.#kinds.has(described) || this.#kinds.size < maxKinds ? described : "other reasons";
    const kind = this.#kinds.get(reason);
    if (kind === undefined) this.#kinds.set(reason, { reason, path: pathText(path), count });
    else kind.count += count;
  }

  list(): readonly Rejection[] {
    return [...this.#kinds.values()];
  }
}

function describe(path: RequestPath, fault: Fault): string {
  return `${path.findLast((part) => typeof part === "string") ?? "the request"} ${fault}`;
}
