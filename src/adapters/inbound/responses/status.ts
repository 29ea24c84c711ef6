import { Code } from "@connectrpc/connect";
import type { ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import { type FailureStatus, InjectedFault } from "../../../domain/fault.ts";

export interface ErrorStatus {
  /** gRPC status code. */
  readonly grpc: number;
  /** HTTP status of OTLP/HTTP and of plain HTTP. */
  readonly http: number;
  /** Connect's code; its numbers are gRPC's, and gRPC through Connect sends them. */
  readonly connect: Code;
  /** `google.rpc.Status.code` in the body of an OTLP/HTTP error. */
  readonly rpc: number;
}

/** What each protocol calls an error. */
export function statusOf(error: ObsvtyError): ErrorStatus {
  return error instanceof InjectedFault
    ? status(error.status, httpStatus[error.status])
    : errorStatus[error.code];
}

/** The one table from what went wrong to what each protocol calls it. */
export const errorStatus = {
  "not-the-message": status(Code.InvalidArgument, 400),
  "invalid-argument": status(Code.InvalidArgument, 400),
  "too-large": status(Code.ResourceExhausted, 413),
  "over-rate": status(Code.ResourceExhausted, 429),
  "too-many-watchers": status(Code.ResourceExhausted, 429),
  "answers-too-large": status(Code.ResourceExhausted, 429),
  overloaded: status(Code.Unavailable, 503),
  stopping: status(Code.Unavailable, 503),
  "unknown-encoding": status(Code.Unimplemented, 415),
  // gRPC calls these two INTERNAL (its compression.md and statuscodes.md); over HTTP the caller is at fault.
  "corrupt-encoding": status(Code.Internal, 400, Code.InvalidArgument),
  "protocol-error": status(Code.Internal, 400, Code.InvalidArgument),
  unauthenticated: status(Code.Unauthenticated, 401),
  "permission-denied": status(Code.PermissionDenied, 403),
  "deadline-passed": status(Code.DeadlineExceeded, 504),
  "request-timeout": status(Code.DeadlineExceeded, 408),
  "unknown-method": status(Code.Unimplemented, 404),
  "method-not-allowed": status(Code.Unimplemented, 405),
  "unsupported-media-type": status(Code.InvalidArgument, 415),
  "not-found": status(Code.NotFound, 404),
  // Its status is the script's choice; this is for what is no InjectedFault.
  "injected-fault": status(Code.Unavailable, 503),
  // nginx's "client closed request", which Connect uses too; nobody is there to read it.
  cancelled: status(Code.Canceled, 499),
  internal: status(Code.Internal, 500),
} as const satisfies Record<ErrorCode, ErrorStatus>;

function status(code: Code, http: number, rpc: Code = code): ErrorStatus {
  return { grpc: code, http, connect: code, rpc };
}

/** What HTTP calls the canonical codes (google/rpc/code.proto, "HTTP Mapping"). */
const httpStatus = {
  1: 499,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  15: 500,
  16: 401,
} as const satisfies Record<FailureStatus, number>;
