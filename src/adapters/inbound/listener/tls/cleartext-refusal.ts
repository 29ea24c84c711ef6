import { constants } from "node:http2";
import type { Socket } from "node:net";
import { Code } from "@connectrpc/connect";
import type { WarnOfClient } from "../client-warnings.ts";
import { attachedTo } from "../connection.ts";
import { http1Error } from "../http1-error.ts";
import type { Sniffed } from "../sniff.ts";

const reason = "this port takes TLS only: call it with https://";
/** Types of frames (RFC 9113, 6.5 and 6.8). */
const settingsType = 4;
const goawayType = 7;
/** The peer's further bytes are read for this time: unread bytes would make its system discard the answer. */
const lingerMs = 1_000;

/** Refuses connections that come in cleartext, each in its protocol, and warns of them. */
export function cleartextRefusal(warn: WarnOfClient): Pick<Sniffed, "onHttp1" | "onHttp2"> {
  const refusing = (refuse: (socket: Socket) => void) => (socket: Socket) => {
    warn(
      attachedTo(socket),
      "a client spoke without TLS: call the port with https://, or set TLS_ALLOW_CLEARTEXT",
    );
    refuse(socket);
  };
  return { onHttp1: refusing(refuseHttp1), onHttp2: refusing(refuseHttp2) };
}

/** Answers an HTTP/1.1 request that came in cleartext, and closes the connection. */
function refuseHttp1(socket: Socket): void {
  answerAndClose(socket, http1Error(400, Code.FailedPrecondition, reason));
}

/** Closes an HTTP/2 connection that came in cleartext with a GOAWAY that says why. */
function refuseHttp2(socket: Socket): void {
  // A server's first frame must be SETTINGS (RFC 9113, 3.4); the GOAWAY has seen no stream.
  const settings = frame(settingsType, Buffer.alloc(0));
  const goaway = Buffer.alloc(8 + reason.length);
  goaway.writeUInt32BE(constants.NGHTTP2_INADEQUATE_SECURITY, 4);
  goaway.write(reason, 8, "latin1");
  answerAndClose(socket, Buffer.concat([settings, frame(goawayType, goaway)]));
}

/** A frame of the connection itself, stream 0 (RFC 9113, 4.1). */
function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  return Buffer.concat([header, payload]);
}

function answerAndClose(socket: Socket, answer: string | Buffer): void {
  const close = () => socket.destroy();
  const timer = setTimeout(close, lingerMs);
  socket.once("close", () => clearTimeout(timer));
  socket.on("error", close);
  socket.on("end", close);
  socket.resume();
  socket.end(answer);
}
