import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import { joinBody } from "./body.ts";
import { type BodyOwner, BodyReader, type ReadingResources } from "./body-reader.ts";
import { bodyTooSlow } from "./too-slow.ts";

export interface WholeBodyBounds {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Until then the bytes count as in flight. */
  readonly answered: Promise<void>;
}

/**
 * Reads a body for a handler that needs all of it at once.
 * @throws ObsvtyError too-large, request-timeout, overloaded, or cancelled when the client went away
 */
export function readWholeBody(
  source: Readable,
  resources: ReadingResources,
  { maxBytes, timeoutMs, answered }: WholeBodyBounds,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const owner: BodyOwner = {
      checkBody: ({ byteLength }) =>
        byteLength > maxBytes
          ? new ObsvtyError("too-large", `the body is larger than ${maxBytes} bytes`)
          : undefined,
      onBody: (body) => {
        resolve(joinBody(body));
        return answered;
      },
      onBodyCut: reject,
      tooSlow: () => bodyTooSlow(timeoutMs),
    };
    // A connection that fails also ends the body, which the reader sees.
    source.on("error", () => {});
    if (source.destroyed) reject(new ObsvtyError("cancelled", "the client went away"));
    else new BodyReader(source, resources, owner).begin(performance.now() + timeoutMs);
  });
}
