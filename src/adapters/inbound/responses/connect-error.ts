import { type Code, ConnectError, encodeBinaryHeader } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../../../gen/google/rpc/error_details_pb.ts";
import type { ObsvtyError } from "../../../domain/errors.ts";
import { acceptedEncodings } from "../body/codecs.ts";
import { retryAfterSeconds, retryInfoOf } from "./rpc-status.ts";
import { statusOf } from "./status.ts";

/**
 * An error in the terms of the Connect library, which all RPC protocols are answered from: Connect itself,
 * gRPC and gRPC-Web. Its metadata becomes trailers in gRPC and HTTP headers in Connect. The retry hint is a
 * detail and is repeated in `google.rpc.retryinfo-bin`, where alone OpenTelemetry's Python exporter looks.
 */
export function connectErrorOf(error: ObsvtyError, code: Code = statusOf(error).code): ConnectError {
  const metadata = new Headers();
  const retryInfo = retryInfoOf(error);
  if (retryInfo !== undefined) {
    metadata.set("google.rpc.retryinfo-bin", encodeBinaryHeader(retryInfo, RetryInfoSchema));
    metadata.set("retry-after", String(retryAfterSeconds(error.retryAfterMs ?? 0)));
  }
  if (error.code === "unknown-encoding") {
    // gRPC compression.md: the refusal of an encoding names the known ones.
    metadata.set("grpc-accept-encoding", acceptedEncodings);
  }
  const details = retryInfo === undefined ? [] : [{ desc: RetryInfoSchema, value: retryInfo }];
  return new ConnectError(error.message, code, metadata, details, error);
}
