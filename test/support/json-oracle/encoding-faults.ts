import type { Rejection } from "../../../src/domain/rejection.ts";
import type { EncodingReport } from "../../../src/otlp/json/encoding-report.ts";
import { LeftOutCollector, pathText, type RequestPath } from "../../../src/otlp/json/request-path.ts";
import { printableName, type UnknownField } from "../../../src/otlp/json/unknown-field.ts";

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
