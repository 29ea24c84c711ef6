import { CodeSchema } from "../../../gen/google/rpc/code_pb.ts";
import type { FailureStatus } from "../status.ts";

export function statusName(code: number): FailureStatus | "OK" {
  return (CodeSchema.values.find(({ number }) => number === code)?.name ?? "UNKNOWN") as FailureStatus | "OK";
}
