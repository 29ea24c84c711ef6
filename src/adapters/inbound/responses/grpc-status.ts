import type { OutgoingHttpHeaders } from "node:http";
import { encodeBinaryHeader } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../../gen/google/rpc/status_pb.ts";
import type { ObsvtyError } from "../../../domain/errors.ts";
import { acceptedEncodings } from "../body/inflate.ts";
import { retryInfoOf, rpcStatusOf } from "./rpc-status.ts";
import { statusOf } from "./status.ts";

/**
 * The gRPC status of an error as header fields. The retry hint rides in `grpc-status-details-bin` and
 * again in `google.rpc.retryinfo-bin`, the only place where OpenTelemetry's Python exporter looks.
 */
export function grpcStatusFields(error: ObsvtyError): OutgoingHttpHeaders {
  const { grpc } = statusOf(error);
  const fields: OutgoingHttpHeaders = {
    "grpc-status": String(grpc),
    "grpc-message": percentEncode(error.message),
  };
  const retryInfo = retryInfoOf(error);
  if (retryInfo !== undefined) {
    fields["grpc-status-details-bin"] = encodeBinaryHeader(rpcStatusOf(error, grpc), StatusSchema);
    fields["google.rpc.retryinfo-bin"] = encodeBinaryHeader(retryInfo, RetryInfoSchema);
  }
  if (error.code === "unknown-encoding") {
    // gRPC compression.md: the refusal of an encoding tells which ones are known.
    fields["grpc-accept-encoding"] = acceptedEncodings;
  }
  return fields;
}

/** gRPC PROTOCOL-HTTP2, "Percent-Encoded": all but printable ASCII, and the percent sign itself. */
export function percentEncode(message: string): string {
  return message.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}
