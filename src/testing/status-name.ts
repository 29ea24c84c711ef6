import { CodeSchema } from "../../gen/google/rpc/code_pb.ts";

/** The names of google.rpc.Code beside OK. */
export type FailureStatus =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

export function statusName(code: number): FailureStatus | "OK" {
  return (CodeSchema.values.find(({ number }) => number === code)?.name ?? "UNKNOWN") as FailureStatus | "OK";
}
