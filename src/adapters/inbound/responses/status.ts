import { Code } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import type { ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import { InjectedFault } from "../../../domain/fault.ts";

export interface ErrorStatus {
  /** The code in gRPC, gRPC-Web and Connect, which share its number. */
  readonly code: Code;
  /** HTTP status of OTLP/HTTP and of plain HTTP. */
  readonly http: number;
  /** `google.rpc.Status.code` in the body of an OTLP/HTTP error. */
  readonly rpc: Code;
}

/** The status of an error in each protocol. */
export function statusOf(error: ObsvtyError): ErrorStatus {
  return error instanceof InjectedFault ? status(error.status) : errorStatus[error.code];
}

/** The one table from error codes to the status of each protocol. */
export const errorStatus = {
  "not-the-message": status(Code.InvalidArgument),
  "invalid-argument": status(Code.InvalidArgument),
  "too-large": status(Code.ResourceExhausted, 413),
  "over-rate": status(Code.ResourceExhausted),
  "too-many-watchers": status(Code.ResourceExhausted),
  "answers-too-large": status(Code.ResourceExhausted),
  overloaded: status(Code.Unavailable),
  "buffer-full": status(Code.Unavailable),
  "sink-unavailable": status(Code.Unavailable),
  unconfirmed: status(Code.Unavailable),
  "sink-refused": status(Code.FailedPrecondition),
  "promised-to-sink": status(Code.FailedPrecondition),
  "forwarding-loop": status(Code.FailedPrecondition),
  stopping: status(Code.Unavailable),
  "unknown-encoding": status(Code.Unimplemented, 415),
  // gRPC calls these two INTERNAL (its compression.md and statuscodes.md); over HTTP the caller is at fault.
  "corrupt-encoding": status(Code.Internal, 400, Code.InvalidArgument),
  "protocol-error": status(Code.Internal, 400, Code.InvalidArgument),
  unauthenticated: status(Code.Unauthenticated),
  "permission-denied": status(Code.PermissionDenied),
  "deadline-passed": status(Code.DeadlineExceeded),
  "request-timeout": status(Code.DeadlineExceeded, 408),
  "unknown-method": status(Code.Unimplemented, 404),
  "switched-off": status(Code.Unimplemented, 501),
  "method-not-allowed": status(Code.Unimplemented, 405),
  "unsupported-media-type": status(Code.InvalidArgument, 415),
  "not-found": status(Code.NotFound),
  // The status of an InjectedFault is the script's choice; this row is for a reset, which has no answer.
  "injected-fault": status(Code.Unavailable),
  // HTTP 499, nginx's "client closed request", as in Connect; no caller is left to read it.
  cancelled: status(Code.Canceled),
  internal: status(Code.Internal),
} as const satisfies Record<ErrorCode, ErrorStatus>;

/** @param http where it differs from the status that Connect and google/rpc/code.proto map the code to */
function status(code: Code, http: number = codeToHttpStatus(code), rpc: Code = code): ErrorStatus {
  return { code, http, rpc };
}
