import type { IncomingHttpHeaders } from "node:http";
import { ObsvtyError } from "../../../domain/errors.ts";

const unitsMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * The `grpc-timeout` header in milliseconds (gRPC PROTOCOL-HTTP2, "Timeout"): at most eight digits and a unit.
 * Infinite without the header.
 * @throws ObsvtyError `protocol-error`
 */
export function grpcTimeoutMs(headers: IncomingHttpHeaders): number {
  const header = headers["grpc-timeout"];
  if (header === undefined) return Number.POSITIVE_INFINITY;
  const match = /^(\d{1,8})([HMSmun])$/.exec(String(header));
  const unit = unitsMs[match?.[2] ?? ""];
  if (unit === undefined) throw new ObsvtyError("protocol-error", "malformed grpc-timeout");
  return Number(match?.[1]) * unit;
}

/**
 * The `connect-timeout-ms` header (connectrpc.com/docs/protocol, "Timeout"): at most ten digits. Infinite without
 * the header.
 * @throws ObsvtyError `invalid-argument`
 */
export function connectTimeoutMs(headers: IncomingHttpHeaders): number {
  const header = headers["connect-timeout-ms"];
  if (header === undefined) return Number.POSITIVE_INFINITY;
  if (/^\d{1,10}$/.test(String(header))) return Number(header);
  throw new ObsvtyError("invalid-argument", "malformed connect-timeout-ms");
}
