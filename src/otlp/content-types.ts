/*
 * The content types that requests and answers have, those of servers and of clients. Every other file takes them from
 * here.
 */

export const contentTypes = {
  grpc: "application/grpc",
  grpcProto: "application/grpc+proto",
  grpcJson: "application/grpc+json",
  grpcWeb: "application/grpc-web",
  grpcWebProto: "application/grpc-web+proto",
  grpcWebJson: "application/grpc-web+json",
  /** Unary calls of Connect in protobuf. */
  connectProto: "application/proto",
  connectStreamJson: "application/connect+json",
  connectStreamProto: "application/connect+proto",
  /** OTLP/HTTP in protobuf. No other protocol has this type. */
  otlpProto: "application/x-protobuf",
  /** OTLP/HTTP in JSON, unary calls of Connect in JSON, and errors of plain HTTP. */
  json: "application/json",
  /** The same for people and their tools. Connect tells its errors by the type without the charset. */
  jsonWithCharset: "application/json; charset=utf-8",
} as const;

/** The type in lower case without its parameters (RFC 9110, 8.3.1); "" for a missing header. */
export function mediaTypeOf(header = ""): string {
  const [type = ""] = header.split(";", 1);
  return type.trim().toLowerCase();
}

/** A type as it may be repeated in an answer and in the log: RFC 6838, 4.2, has at most 127 characters each side. */
const shownType = /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}$/;

/** Tells a caller that its content type is not taken, and which are. */
export function describeWrongType(header: string | undefined, known: string): string {
  const type = mediaTypeOf(header);
  const what = shownType.test(type) ? `the content type is ${type}` : "the content type is unknown";
  return `${type === "" ? "there is no content type" : what}; known are ${known}`;
}

/** Native gRPC: `application/grpc`, alone or with a `+` format (gRPC PROTOCOL-HTTP2, "Content-Type"). */
export function isGrpc(mediaType: string): boolean {
  return mediaType === contentTypes.grpc || mediaType.startsWith(`${contentTypes.grpc}+`);
}

/** gRPC-Web in binary or in base64, in any format (PROTOCOL-WEB.md). */
export function isGrpcWeb(mediaType: string): boolean {
  return mediaType.startsWith("application/grpc-web");
}

/** gRPC-Web in base64. */
export function isGrpcWebText(mediaType: string): boolean {
  return mediaType.startsWith("application/grpc-web-text");
}

/** A stream of Connect (connectrpc.com/docs/protocol, "Streaming-Content-Type"). */
export function isConnectStream(mediaType: string): boolean {
  return mediaType.startsWith("application/connect+");
}

/** JSON of any protocol: `application/json`, `application/connect+json`, `application/grpc-web+json`. */
export function isJson(mediaType: string): boolean {
  return mediaType.endsWith("/json") || mediaType.endsWith("+json");
}
