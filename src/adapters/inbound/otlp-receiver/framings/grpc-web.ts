import { contentTypes } from "../../../../otlp/content-types.ts";
import { WEB_TRAILERS_FLAG } from "../../../../otlp/message-prefix.ts";
import { acceptedEncodings } from "../../body/codecs.ts";
import { frameMessage } from "../../body/grpc-message.ts";
import type { Framing } from "./framing.ts";
import { prefixedMessage } from "./grpc.ts";

/** gRPC-Web: gRPC's messages, and the trailers in a frame of their own at the end of the body (PROTOCOL-WEB.md). */
export const grpcWebProtobuf: Framing = grpcWebFraming("protobuf", contentTypes.grpcWebProto);
export const grpcWebJson: Framing = grpcWebFraming("proto-json", contentTypes.grpcWebJson);

const okTrailerFrame = frameMessage(Buffer.from("grpc-status: 0\r\n"), WEB_TRAILERS_FLAG);

function grpcWebFraming(format: Framing["format"], type: string): Framing {
  const headers = { "content-type": type, "grpc-accept-encoding": acceptedEncodings };
  return {
    ...prefixedMessage,
    transport: "grpc-web",
    format,
    respond(exchange, message) {
      const body = message.byteLength === 0 ? emptyBody : withTrailers(message);
      exchange.send({ status: 200, headers, body });
    },
  };
}

function withTrailers(message: Uint8Array): Uint8Array {
  return Buffer.concat([frameMessage(message), okTrailerFrame]);
}

/** The answer to a request accepted in full. */
const emptyBody = withTrailers(new Uint8Array());
