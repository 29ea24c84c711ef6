import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "../../../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../../gen/google/rpc/status_pb.ts";

/** The delay of the RetryInfo in a `grpc-status-details-bin`. */
export function retryInfoMs(details: string | undefined): number | undefined {
  if (details === undefined) return undefined;
  try {
    for (const detail of fromBinary(StatusSchema, Buffer.from(details, "base64")).details) {
      const info = anyUnpack(detail, RetryInfoSchema);
      if (info !== undefined)
        return Math.max(0, info.retryDelay === undefined ? 0 : durationMs(info.retryDelay));
    }
  } catch {
    // What cannot be read gives no hint.
  }
  return undefined;
}

/** The forms of a date begin with the name of a day (RFC 9110, 5.6.7). `Date.parse` takes "-5" and "1.5" for dates. */
const beginsWithDay = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const dateMs = beginsWithDay.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
