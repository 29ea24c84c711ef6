import type { OutgoingHttpHeaders } from "node:http";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { ObsvtyError } from "../../../domain/errors.ts";
import { connectErrorOf } from "./connect-error.ts";

/** The gRPC status of an error as header fields: for a Trailers-Only response, or for trailers. */
export function grpcStatusFields(error: ObsvtyError): OutgoingHttpHeaders {
  const connectError = connectErrorOf(error);
  return {
    ...Object.fromEntries(setTrailerStatus(new Headers(), connectError)),
    // The fields are set once more, since the library leaves out the names of gRPC's own fields, such as
    // grpc-accept-encoding.
    ...Object.fromEntries(connectError.metadata),
    "grpc-message": percentEncode(error.message),
  };
}

/**
 * gRPC PROTOCOL-HTTP2, "Percent-Encoded": all but printable ASCII, and the percent sign itself. Connect also
 * encodes commas and the like, which grpc-js does not decode.
 */
export function percentEncode(message: string): string {
  return message.toWellFormed().replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}
