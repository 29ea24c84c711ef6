import type { Rejection } from "../../domain/rejection.ts";
import type { EncodingReport } from "./encoding-report.ts";
import { LeftOutCollector, pathText, type RequestPath } from "./request-path.ts";
import { printableName, type UnknownField } from "./unknown-field.ts";

/** The value that the reader is at. Its fault is described only if it is the first one of its kind. */
export interface ValueInRequest {
  /** Tells its field from all others. */
  readonly fieldAddress: number;
  readonly fieldName: string;
  readonly path: RequestPath;
  /** Path of the message in a frame around it. */
  pathOf(frame: number): RequestPath;
  /** What is wrong with it, as a predicate: "must be a string". */
  describe(fault: number): string;
}

/** Collects what the reader tells of one request. */
export class ReaderReport {
  readonly #value: ValueInRequest;
  readonly #rejections = new FaultKinds();
  readonly #omissions = new FaultKinds();
  readonly #warnings = new FaultKinds();
  readonly #leftOut = new LeftOutCollector();
  #newest: FaultKind | undefined;
  #unknownField: UnknownField | undefined;

  constructor(value: ValueInRequest) {
    this.#value = value;
  }

  /**
   * @param element frame of the element of a list that is left out for the value
   * @param items how many items are in the element
   */
  reject(fault: number, element: number, items: number): void {
    this.#newest = this.#rejections.add(fault, this.#value, items);
    if (!this.#leftOut.hasMore) this.#leftOut.add(this.#value.pathOf(element));
  }

  /** How many more items are in the element that was rejected last. */
  count(items: number): void {
    if (this.#newest !== undefined) this.#newest.count += items;
  }

  /** The value is left out. */
  omit(fault: number): void {
    this.#omissions.add(fault, this.#value, 1);
  }

  /** The value is kept in another form, or not at all. */
  warn(fault: number): void {
    this.#warnings.add(fault, this.#value, 1);
  }

  warnOfText(): void {
    this.#warnings.addReason("the request is not UTF-8", () => [], 1);
  }

  /**
   * The value is an object with unknown fields.
   * @param name of the first unknown field
   * @param count how many unknown fields there are
   */
  warnOfUnknownFields(name: string, count: number): void {
    this.#warnings.addReason("unknown field", () => [...this.#value.path, printableName(name)], count);
  }

  /** The value is an object with an unknown field, but with none that leads to items. */
  ignore(name: string): void {
    this.#unknownField = { name, path: pathText(this.#value.path) };
  }

  finish(): EncodingReport {
    const { indices, hasMore } = this.#leftOut;
    return {
      rejections: this.#rejections.list(),
      omissions: this.#omissions.list(),
      warnings: this.#warnings.list(),
      unknownField: this.#unknownField,
      leftOut: { indices, hasMore },
    };
  }
}

/** Answers name this many kinds of faults, so that their length is bounded. */
const maxKinds = 20;
/** A number that is larger than the codes of the reader's faults. */
const codes = 8;

type FaultKind = { -readonly [Key in keyof Rejection]: Rejection[Key] };

/** Counts faults by their kind, with the path of the first one of each. */
class FaultKinds {
  readonly #byReason = new Map<string, FaultKind>();
  readonly #byField = new Map<number, FaultKind>();

  add(fault: number, value: ValueInRequest, count: number): FaultKind {
    const key = value.fieldAddress * codes + fault;
    let kind = this.#byField.get(key);
    if (kind === undefined) {
      const reason = `${value.fieldName} ${value.describe(fault)}`;
      kind = this.#kindOf(reason, () => value.path);
      this.#byField.set(key, kind);
    }
    kind.count += count;
    return kind;
  }

  addReason(reason: string, path: () => RequestPath, count: number): void {
    this.#kindOf(reason, path).count += count;
  }

  list(): readonly Rejection[] {
    return [...this.#byReason.values()];
  }

  #kindOf(described: string, path: () => RequestPath): FaultKind {
    const isNamed = this.#byReason.has(described) || this.#byReason.size < maxKinds;
    const reason = isNamed ? described : "other reasons";
    let kind = this.#byReason.get(reason);
    if (kind === undefined) {
      kind = { reason, path: pathText(path()), count: 0 };
      this.#byReason.set(reason, kind);
    }
    return kind;
  }
}
