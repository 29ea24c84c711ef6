import { ObsvtyError } from "../../../../domain/errors.ts";
import { contentTypes } from "../../../../otlp/content-types.ts";
import { PREFIX_BYTES } from "../../../../otlp/message-prefix.ts";
import type { Body } from "../../body/body.ts";
import { acceptedEncodings, type BodyEncoding } from "../../body/codecs.ts";
import { declaredLength, frameMessage, moreThanOneMessage, takeMessage } from "../../body/grpc-message.ts";
import { tooLarge } from "../../body/too-large.ts";
import { headerRules } from "../../caller/protocol-headers.ts";
import type { Framing, SentMessage } from "./framing.ts";

/** A request body of one length-prefixed message, as in gRPC and gRPC-Web. */
export const prefixedMessage = {
  ...headerRules.grpc,
  encodingHeader: "grpc-encoding",
  announcedBytes: () => 0,
  checkSize(arrived: Body, maxBytes: number): ObsvtyError | undefined {
    const declared = declaredLength(arrived);
    if (declared !== undefined && declared > maxBytes) return tooLarge(declared, maxBytes);
    // The first message fits, so what is beyond the largest size is a second one.
    return arrived.byteLength > maxBytes + PREFIX_BYTES ? moreThanOneMessage() : undefined;
  },
  takeMessage(body: Body, encoding: BodyEncoding | undefined): SentMessage {
    const { compressed, message } = takeMessage(body);
    if (!compressed) return { bytes: message, encoding: undefined };
    if (encoding !== undefined) return { bytes: message, encoding };
    throw new ObsvtyError("protocol-error", "compressed message without a grpc-encoding that compresses");
  },
} as const satisfies Partial<Framing>;

/** Native gRPC over HTTP/2. */
export const grpcProtobuf: Framing = grpcFraming("protobuf", contentTypes.grpc);
export const grpcJson: Framing = grpcFraming("proto-json", contentTypes.grpcJson);

function grpcFraming(format: Framing["format"], type: string): Framing {
  const headers = { ":status": 200, "content-type": type, "grpc-accept-encoding": acceptedEncodings };
  return {
    ...prefixedMessage,
    transport: "grpc",
    format,
    respond(exchange, message) {
      exchange.sendGrpc(headers, message.byteLength === 0 ? emptyFrame : frameMessage(message));
    },
  };
}

/** A response message without a field: the answer to a request accepted in full. */
const emptyFrame = frameMessage(new Uint8Array());
