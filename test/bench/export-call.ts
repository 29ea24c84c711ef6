import { exportPath, signalTraits } from "../../src/domain/signal.ts";
import type { Headers } from "./hpack.ts";
import type { Payload } from "./payloads.ts";

/** Native gRPC, gRPC-Web, Connect's own protocol in binary, or OTLP/HTTP in protobuf or JSON. */
export type ExportProtocol = "grpc" | "grpc-web" | "connect" | "http" | "http-json";

/** How an export is sent. All but `http` and `http-json` need HTTP/2 here. */
export interface ExportCall {
  readonly protocol: ExportProtocol;
  readonly httpVersion: 1 | 2;
}

/**
 * Tells success by the number of DATA bytes of the answer, as far as they tell it: a refusal has other numbers,
 * and a partial success is longer. That every item was counted is checked besides.
 *
 * The answer is empty or the empty `partial_success` that the Collector sends: 0 or 2 bytes in protobuf, `{}` or
 * `{"partialSuccess":{}}` in JSON. gRPC puts 5 bytes before it; grpc-go compresses it when the request was
 * compressed, which makes it some 25 bytes. gRPC-Web adds a frame with `grpc-status: 0` and a line break.
 */
export function isSuccess(protocol: ExportProtocol, dataBytes: number, { gzip }: Payload): boolean {
  switch (protocol) {
    case "grpc":
      return dataBytes === 5 || dataBytes === 7 || (gzip && dataBytes > 7 && dataBytes < 40);
    case "grpc-web":
      return dataBytes === 5 + 5 + 16;
    case "http-json":
      return dataBytes === 2 || dataBytes === 21;
    default:
      return dataBytes === 0 || dataBytes === 2;
  }
}

/** The headers that an OpenTelemetry SDK sends, its deadline included. */
export function exportHeaders(protocol: ExportProtocol, port: number, { signal, gzip }: Payload): Headers {
  const path = protocol.startsWith("http") ? signalTraits[signal].httpPath : exportPath(signal);
  const headers: [string, string][] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", `localhost:${port}`],
    ["user-agent", "obsvty-bench/1.0"],
  ];
  switch (protocol) {
    case "grpc":
      headers.push(["te", "trailers"], ["content-type", "application/grpc"], ["grpc-timeout", "10S"]);
      break;
    case "grpc-web":
      headers.push(["content-type", "application/grpc-web+proto"], ["grpc-timeout", "10S"]);
      break;
    case "connect":
      headers.push(["content-type", "application/proto"], ["connect-timeout-ms", "10000"]);
      headers.push(["connect-protocol-version", "1"]);
      break;
    case "http":
      headers.push(["content-type", "application/x-protobuf"]);
      break;
    case "http-json":
      headers.push(["content-type", "application/json"]);
  }
  if (gzip) headers.push([hasPrefix(protocol) ? "grpc-encoding" : "content-encoding", "gzip"]);
  return headers;
}

/** The HTTP body for a message: gRPC and gRPC-Web put a flag and the length before it. */
export function frameExport(protocol: ExportProtocol, message: Uint8Array, { gzip }: Payload): Uint8Array {
  if (!hasPrefix(protocol)) return message;
  const prefix = Buffer.alloc(5);
  prefix[0] = gzip ? 1 : 0;
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}

function hasPrefix(protocol: ExportProtocol): boolean {
  return protocol === "grpc" || protocol === "grpc-web";
}
