import { contentTypes, mediaTypeOf } from "../../../../otlp/content-types.ts";
import type { Framing } from "./framing.ts";
import { grpcJson, grpcProtobuf } from "./grpc.ts";
import { grpcWebJson, grpcWebProtobuf } from "./grpc-web.ts";
import { connectJson, connectProtobuf, otlpHttpJson, otlpHttpProtobuf } from "./http-body.ts";

/** The framing of an export by its `content-type`; undefined for a type that is not served. */
export type FramingOf = (contentType: string | undefined) => Framing | undefined;

/** The framing of a call to an `Export` method. gRPC-Web in base64 is not served. */
export const rpcFramingOf: FramingOf = framingBy({
  [contentTypes.grpc]: grpcProtobuf,
  [contentTypes.grpcProto]: grpcProtobuf,
  [contentTypes.grpcJson]: grpcJson,
  [contentTypes.grpcWeb]: grpcWebProtobuf,
  [contentTypes.grpcWebProto]: grpcWebProtobuf,
  [contentTypes.grpcWebJson]: grpcWebJson,
  [contentTypes.connectProto]: connectProtobuf,
  [contentTypes.json]: connectJson,
});

/** The framing of a POST to a path of OTLP/HTTP. */
export const otlpHttpFramingOf: FramingOf = framingBy({
  [contentTypes.otlpProto]: otlpHttpProtobuf,
  [contentTypes.json]: otlpHttpJson,
});

/** The type may be in any letter case and have parameters. Almost all clients send it exactly as it is here. */
function framingBy(byType: Readonly<Record<string, Framing>>): FramingOf {
  const framings = new Map<string | undefined, Framing>(Object.entries(byType));
  return (contentType) => framings.get(contentType) ?? framings.get(mediaTypeOf(contentType));
}
