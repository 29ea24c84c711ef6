import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  contentTypes,
  isConnectStream,
  isGrpc,
  isGrpcWeb,
  isGrpcWebText,
  isJson,
  mediaTypeOf,
} from "../../../../src/otlp/content-types.ts";

describe("the media type of a content-type header", () => {
  test("the media type of a header is in lower case and has no parameters", () => {
    assert.equal(mediaTypeOf("Application/JSON; charset=utf-8"), contentTypes.json);
    assert.equal(mediaTypeOf("application/grpc ;x=1"), contentTypes.grpc);
  });

  test("the media type of a missing header is empty", () => {
    assert.equal(mediaTypeOf(undefined), "");
  });

  for (const [type, protocols] of Object.entries({
    "application/grpc": ["grpc"],
    "application/grpc+json": ["grpc", "json"],
    "application/grpcx": [],
    "application/grpc-web": ["grpc-web"],
    "application/grpc-web+json": ["grpc-web", "json"],
    "application/grpc-web-text+proto": ["grpc-web", "grpc-web-text"],
    "application/connect+json": ["connect-stream", "json"],
    "application/json": ["json"],
    "application/jsonp": [],
    "application/x-protobuf": [],
    "": [],
  })) {
    test(`the media type "${type}" belongs to: ${protocols.join(", ") || "none of gRPC, gRPC-Web, streams and JSON"}`, () => {
      const kinds = {
        grpc: isGrpc,
        "grpc-web": isGrpcWeb,
        "grpc-web-text": isGrpcWebText,
        "connect-stream": isConnectStream,
        json: isJson,
      };
      const found = Object.entries(kinds).filter(([, is]) => is(type));
      assert.deepEqual(
        found.map(([name]) => name),
        protocols,
      );
    });
  }
});
