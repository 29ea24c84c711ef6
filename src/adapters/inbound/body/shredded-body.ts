import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { ObsvtyError } from "../../../domain/errors.ts";
import { closeFloodingSession } from "../close-flooding-session.ts";
import { SHREDDED_BYTES, SHREDDED_CHUNKS } from "./chunk-list.ts";

/** A request of HTTP/1.1 or HTTP/2, or a stream of HTTP/2. */
interface Source extends Readable {
  readonly session?: Http2Session;
  readonly stream?: { readonly session?: Http2Session };
  readonly socket?: Socket;
}

/** The refusal of a body that is cut into tiny pieces. See `ChunkList.isShredded`. */
export function shredded(): ObsvtyError {
  const pieces = SHREDDED_CHUNKS.toLocaleString("en");
  return new ObsvtyError(
    "protocol-error",
    `the body is sent in more than ${pieces} pieces, of less than ${SHREDDED_BYTES} bytes on average`,
  );
}

/** Closes the whole connection of a shredded body: to read and drop its rest would cost as much as to keep it. */
export function closeConnection(source: Source): void {
  const session = source.session ?? source.stream?.session;
  if (session !== undefined) closeFloodingSession(session, "a body came in too many pieces");
  else source.socket?.destroy();
}
