import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { type RetryInfo, RetryInfoSchema } from "../../../../gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "../../../../gen/google/rpc/status_pb.ts";
import type { ObsvtyError } from "../../../domain/errors.ts";

/** The retry hint of an error; undefined when a retry cannot succeed. */
export function retryInfoOf(error: ObsvtyError): RetryInfo | undefined {
  return error.retryAfterMs === undefined
    ? undefined
    : create(RetryInfoSchema, retryInfoInit(error.retryAfterMs));
}

/** `google.rpc.Status` with the retry hint as a detail. @param code which protocols choose differently */
export function rpcStatusOf(error: ObsvtyError, code: number): Status {
  const retryInfo = retryInfoOf(error);
  return create(StatusSchema, {
    code,
    message: error.message,
    details: retryInfo === undefined ? [] : [anyPack(RetryInfoSchema, retryInfo)],
  });
}

/** `Retry-After` counts whole seconds (RFC 9110, 10.2.3); rounded up, so that no retry comes too early. */
export function retryAfterSeconds(retryAfterMs: number): number {
  return Math.max(1, Math.ceil(retryAfterMs / 1000));
}

function retryInfoInit(retryAfterMs: number): MessageInitShape<typeof RetryInfoSchema> {
  return { retryDelay: durationFromMs(Math.max(1, Math.ceil(retryAfterMs))) };
}
