import { type Signal, signals, signalTraits } from "../../../domain/signal.ts";
import type { Transport } from "../../../domain/transport.ts";
import type { Caller } from "./caller.ts";

/** How a caller speaks, and so how an error must be put for it to be understood. */
export type CallerProtocol =
  | "grpc"
  /** gRPC's content type where its trailers cannot be sent. */
  | "grpc-over-http1"
  | "grpc-web"
  | "connect-unary"
  | "connect-stream"
  | "otlp-http"
  | "plain";

/** All paths of OTLP/HTTP, and those that are meant to be some. */
const otlpHttpPath = /^\/v1(?:development)?\//;
/** No other protocol has this type; it comes to `/` from exporters whose endpoint lacks the path. */
const otlpHttpType = /^application\/x-protobuf\s*(?:;|$)/;
const servicePath = /^\/[\w.]+\/\w+$/;
const connectUnaryType = /^application\/(?:proto|json)\s*(?:;|$)/;

/** Decided by content type and path alone, so that unknown paths are answered in kind too. */
export function callerProtocolOf(
  caller: Pick<Caller, "url" | "headers" | "httpVersionMajor">,
): CallerProtocol {
  const type = caller.headers["content-type"]?.toLowerCase() ?? "";
  if (type.startsWith("application/grpc-web")) {
    return "grpc-web";
  }
  if (isGrpcType(type)) {
    return caller.httpVersionMajor === 2 ? "grpc" : "grpc-over-http1";
  }
  if (type.startsWith("application/connect+")) {
    return "connect-stream";
  }
  const path = pathOf(caller);
  if (otlpHttpPath.test(path) || otlpHttpType.test(type)) {
    return "otlp-http";
  }
  const unary = connectUnaryType.test(type) || caller.headers["connect-protocol-version"] !== undefined;
  return unary && servicePath.test(path) ? "connect-unary" : "plain";
}

/** `application/grpc`, alone, with a `+` format or with parameters (gRPC PROTOCOL-HTTP2, "Content-Type"). */
function isGrpcType(lowerCaseType: string): boolean {
  return /^application\/grpc(?:[+;\s]|$)/.test(lowerCaseType);
}

/** The path of a request without its query and without a trailing slash. */
export function pathOf({ url }: Pick<Caller, "url">): string {
  const query = url.indexOf("?");
  const path = query === -1 ? url : url.slice(0, query);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

const signalByPath = new Map<string, Signal>(
  signals.flatMap((signal) => [
    [`/${signalTraits[signal].serviceName}/Export`, signal] as const,
    [signalTraits[signal].httpPath, signal] as const,
  ]),
);

/** The signal whose export this path takes, over any protocol. */
export function exportedSignal(path: string): Signal | undefined {
  return signalByPath.get(path);
}

/** Under which transport an export by this protocol is counted. */
export function transportOf(protocol: CallerProtocol): Transport {
  switch (protocol) {
    case "grpc":
    case "grpc-over-http1":
      return "grpc";
    case "otlp-http":
      return "http";
    case "grpc-web":
      return "grpc-web";
    case "connect-unary":
    case "connect-stream":
    case "plain":
      return "connect";
  }
}
