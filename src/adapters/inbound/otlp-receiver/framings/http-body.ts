import { contentTypes } from "../../../../otlp/content-types.ts";
import { tooLarge } from "../../body/too-large.ts";
import { headerRules } from "../../caller/protocol-headers.ts";
import type { Framing } from "./framing.ts";

/** A request whose body is the message, and nothing else. */
const wholeBody = {
  encodingHeader: "content-encoding",
  announcedBytes: (headers) => Number(headers["content-length"] ?? 0),
  checkSize: ({ byteLength }, maxBytes) =>
    byteLength > maxBytes ? tooLarge(byteLength, maxBytes) : undefined,
  takeMessage: (body, encoding) => ({ bytes: body, encoding }),
} as const satisfies Partial<Framing>;

/** OTLP/HTTP (OTLP 1.11, "OTLP/HTTP"). */
const otlpHttp = { ...wholeBody, ...headerRules["otlp-http"], transport: "http" } as const;
export const otlpHttpProtobuf: Framing = answering(otlpHttp, "protobuf", contentTypes.otlpProto);
export const otlpHttpJson: Framing = answering(otlpHttp, "otlp-json", contentTypes.json);

/** A unary call of the Connect protocol (connectrpc.com/docs/protocol). */
const connectUnary = { ...wholeBody, ...headerRules["connect-unary"], transport: "connect" } as const;
export const connectProtobuf: Framing = answering(connectUnary, "protobuf", contentTypes.connectProto);
export const connectJson: Framing = answering(connectUnary, "proto-json", contentTypes.json);

/** The type of the answer has no parameters: Go's exporter compares it exactly. */
function answering(
  framing: Omit<Framing, "format" | "respond">,
  format: Framing["format"],
  type: string,
): Framing {
  const headers = { "content-type": type };
  return {
    ...framing,
    format,
    // The answer is too short to compress.
    respond: (exchange, message) => exchange.send({ status: 200, headers, body: message }),
  };
}
