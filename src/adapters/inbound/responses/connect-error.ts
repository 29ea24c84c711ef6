import { ConnectError, encodeBinaryHeader } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../../../gen/google/rpc/error_details_pb.ts";
import type { ObsvtyError } from "../../../domain/errors.ts";
import { acceptedEncodings } from "../body/inflate.ts";
import { retryAfterSeconds, retryInfoOf } from "./rpc-status.ts";
import { statusOf } from "./status.ts";

/**
 * An error as Connect sends it, whichever of its protocols the caller speaks. The metadata becomes
 * gRPC trailers or HTTP headers.
 */
export function connectErrorOf(error: ObsvtyError): ConnectError {
  const metadata = new Headers();
  const retryInfo = retryInfoOf(error);
  if (retryInfo !== undefined) {
    metadata.set("google.rpc.retryinfo-bin", encodeBinaryHeader(retryInfo, RetryInfoSchema));
    metadata.set("retry-after", String(retryAfterSeconds(error.retryAfterMs ?? 0)));
  }
  if (error.code === "unknown-encoding") {
    metadata.set("grpc-accept-encoding", acceptedEncodings);
  }
  const details = retryInfo === undefined ? [] : [{ desc: RetryInfoSchema, value: retryInfo }];
  return new ConnectError(error.message, statusOf(error).connect, metadata, details, error);
}
