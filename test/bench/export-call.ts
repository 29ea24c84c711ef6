import { exportPath, signalTraits } from "../../src/domain/signal.ts";
import type { Headers } from "./hpack.ts";
import type { Payload } from "./payloads.ts";

/** Native gRPC, or binary messages over HTTP/2 in gRPC-Web, in Connect's own protocol or in OTLP/HTTP. */
export type ExportProtocol = "grpc" | "grpc-web" | "connect" | "http";

/**
 * By the DATA bytes of the answer: in gRPC the prefix alone, or with the empty `partial_success` that the
 * Collector sends (an error has none, a partial success more); in gRPC-Web also the frame of the trailers, which
 * is `grpc-status: 0` and a line break; in the others none.
 */
export function isSuccess(protocol: ExportProtocol, dataBytes: number): boolean {
  switch (protocol) {
    case "grpc":
      return dataBytes === 5 || dataBytes === 7;
    case "grpc-web":
      return dataBytes === 5 + 5 + 16;
    default:
      return dataBytes === 0;
  }
}

/** What an OTel SDK sends along, the deadline too. */
export function exportHeaders(protocol: ExportProtocol, port: number, { signal, gzip }: Payload): Headers {
  const headers: [string, string][] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", protocol === "http" ? signalTraits[signal].httpPath : exportPath(signal)],
    [":authority", `localhost:${port}`],
    ["user-agent", "obsvty-bench/1.0"],
  ];
  if (protocol === "grpc") {
    headers.push(["te", "trailers"], ["content-type", "application/grpc"], ["grpc-timeout", "10S"]);
    if (gzip) headers.push(["grpc-encoding", "gzip"]);
  } else if (protocol === "grpc-web") {
    headers.push(["content-type", "application/grpc-web+proto"], ["grpc-timeout", "10S"]);
    if (gzip) headers.push(["grpc-encoding", "gzip"]);
  } else {
    if (protocol === "connect") {
      headers.push(["content-type", "application/proto"], ["connect-timeout-ms", "10000"]);
      headers.push(["connect-protocol-version", "1"]);
    } else {
      headers.push(["content-type", "application/x-protobuf"]);
    }
    if (gzip) headers.push(["content-encoding", "gzip"]);
  }
  return headers;
}

/** The HTTP body for a message: gRPC and gRPC-Web put a flag and the length before it. */
export function frameExport(protocol: ExportProtocol, message: Uint8Array, { gzip }: Payload): Uint8Array {
  if (protocol !== "grpc" && protocol !== "grpc-web") return message;
  const prefix = Buffer.alloc(5);
  prefix[0] = gzip ? 1 : 0;
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}
