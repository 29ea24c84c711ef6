import type { Rejection } from "../../domain/rejection.ts";
import type { LeftOutElements } from "./request-path.ts";
import type { UnknownField } from "./unknown-field.ts";

/** A JSON request in protobuf. */
export interface EncodedRequest {
  /** The bytes that a client of protobuf would have sent, without the rejected items. */
  readonly bytes: Uint8Array;
  readonly report: EncodingReport;
}

/** What could not be encoded of a JSON request. */
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
