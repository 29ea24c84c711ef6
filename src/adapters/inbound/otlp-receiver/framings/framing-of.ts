import { parseContentType as parseConnectType } from "@connectrpc/connect/protocol-connect";
import { parseContentType as parseGrpcType } from "@connectrpc/connect/protocol-grpc";
import { parseContentType as parseGrpcWebType } from "@connectrpc/connect/protocol-grpc-web";
import { contentTypes, mediaTypeOf } from "../../../../otlp/content-types.ts";
import type { Framing } from "./framing.ts";
import { grpcJson, grpcProtobuf } from "./grpc.ts";
import { grpcWebJson, grpcWebProtobuf } from "./grpc-web.ts";
import { connectJson, connectProtobuf, otlpHttpJson, otlpHttpProtobuf } from "./http-body.ts";

/** The framing of a call to an `Export` method by its `content-type`; undefined for a type that is not served. */
export function rpcFramingOf(type = ""): Framing | undefined {
  const grpc = parseGrpcType(type);
  if (grpc !== undefined) return grpc.binary ? grpcProtobuf : grpcJson;
  const web = parseGrpcWebType(type);
  // grpc-web-text is base64 for browsers without binary XMLHttpRequest.
  if (web !== undefined && !web.text) return web.binary ? grpcWebProtobuf : grpcWebJson;
  const connect = parseConnectType(type);
  if (connect !== undefined && !connect.stream) return connect.binary ? connectProtobuf : connectJson;
  return undefined;
}

/** The same for a POST to a path of OTLP/HTTP. The type may be in any letter case and have parameters. */
export function otlpHttpFramingOf(contentType: string | undefined): Framing | undefined {
  switch (mediaTypeOf(contentType)) {
    case contentTypes.otlpProto:
      return otlpHttpProtobuf;
    case contentTypes.json:
      return otlpHttpJson;
    default:
      return undefined;
  }
}
