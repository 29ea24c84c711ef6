import { isBelowHttpPaths } from "../../../domain/signal.ts";
import type { Transport } from "../../../domain/transport.ts";
import {
  contentTypes,
  isConnectStream,
  isGrpc,
  isGrpcWeb,
  mediaTypeOf,
} from "../../../otlp/content-types.ts";
import type { Caller } from "./caller.ts";

/** The protocol that a caller speaks, which decides how an error has to be encoded for it. */
export type CallerProtocol =
  | "grpc"
  /** A gRPC content type over HTTP/1.1, which cannot carry gRPC's trailers. */
  | "grpc-over-http1"
  | "grpc-web"
  | "connect-unary"
  | "connect-stream"
  | "otlp-http"
  /** The routes of Jaeger's UI. */
  | "jaeger-ui"
  /** Jaeger's api_v3 over HTTP. */
  | "jaeger-v3"
  | "plain";

/** A service without a package is served by nobody, and `/otlp/traces` is a wrong OTLP path. */
const rpcPath = /^\/\w+(?:\.\w+)+\/\w+$/;

/**
 * The protocol is decided by content type and path alone, so that a call of an unknown path is answered in its
 * protocol too.
 */
export function callerProtocolOf(
  caller: Pick<Caller, "url" | "headers" | "httpVersionMajor">,
): CallerProtocol {
  const type = mediaTypeOf(caller.headers["content-type"]);
  if (isGrpcWeb(type)) {
    return "grpc-web";
  }
  if (isGrpc(type)) {
    return caller.httpVersionMajor === 2 ? "grpc" : "grpc-over-http1";
  }
  if (isConnectStream(type)) {
    return "connect-stream";
  }
  const path = pathOf(caller);
  if (isBelowHttpPaths(path) || type === contentTypes.otlpProto) {
    return "otlp-http";
  }
  // Whatever the type: callers of an RPC expect the codes that Connect knows.
  if (isRpcPath(path) || caller.headers["connect-protocol-version"] !== undefined) {
    return "connect-unary";
  }
  if (path.startsWith("/api/v3/")) {
    return "jaeger-v3";
  }
  // Exporters are often given a wrong endpoint, so JSON to a path that is not of an RPC is taken for OTLP/JSON.
  if (type === contentTypes.json) {
    return "otlp-http";
  }
  return path.startsWith("/api/") ? "jaeger-ui" : "plain";
}

/** Whether a path has the form `/package.Service/Method`, which gRPC, gRPC-Web and Connect share. */
export function isRpcPath(path: string): boolean {
  return rpcPath.test(path);
}

/** The path of a request without its query and without a trailing slash. */
export function pathOf(caller: Pick<Caller, "url">): string {
  const path = sentPathOf(caller);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** The path as the caller sent it, without its query. */
export function sentPathOf({ url }: Pick<Caller, "url">): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

/** The transport under which an export by this protocol is counted. */
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
    case "jaeger-ui":
    case "jaeger-v3":
    case "plain":
      return "connect";
  }
}
