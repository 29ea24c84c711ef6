import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import * as v1 from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import * as v1alpha from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { registerHealthService } from "../../src/adapters/inbound/health/health-service.ts";
import { registerReflectionService } from "../../src/adapters/inbound/reflection/reflection-service.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, type TestServer } from "../support/server.ts";

const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const longGrace = { SHUTDOWN_GRACE_MS: "60000" };

type Asked = v1.ServerReflectionRequest["messageRequest"];
type Answered = v1.ServerReflectionResponse["messageResponse"];

/** A stream to which a test pushes requests one by one, after it has read an answer. */
function startStream({ url }: TestServer, service: typeof v1.ServerReflection, host = "") {
  const asked: ((request: Asked | undefined) => void)[] = [];
  const requests = (async function* () {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<Asked | undefined>();
      asked.push(resolve);
      const messageRequest = await promise;
      if (messageRequest === undefined) return;
      yield { host, messageRequest };
    }
  })();
  const client = createClient(service, createGrpcTransport({ baseUrl: url }));
  const answers = client.serverReflectionInfo(requests)[Symbol.asyncIterator]();
  const send = async (request: Asked | undefined) => {
    (await eventually("the stream asks for more", () => asked.shift()))(request);
    return answers.next();
  };
  return {
    ask: async (request: Asked): Promise<v1.ServerReflectionResponse> => {
      const { done, value } = await send(request);
      assert.ok(done !== true, "the stream goes on");
      return value;
    },
    end: async () => (await send(undefined)).done === true,
  };
}

/** The names of the .proto files in an answer, in order. */
function filesOf({ messageResponse }: v1.ServerReflectionResponse): string[] {
  assert.equal(messageResponse.case, "fileDescriptorResponse");
  return messageResponse.value.fileDescriptorProto.map(
    (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
  );
}

function errorOf({ messageResponse }: { readonly messageResponse: Answered }) {
  assert.equal(messageResponse.case, "errorResponse");
  const { errorCode, errorMessage } = messageResponse.value;
  return [errorCode, errorMessage];
}

const versions = {
  v1: v1.ServerReflection,
  // TypeScript tells v1 and v1alpha apart, though they differ in their names alone.
  v1alpha: v1alpha.ServerReflection as unknown as typeof v1.ServerReflection,
};

for (const [version, service] of Object.entries(versions)) {
  describe(`grpc.reflection.${version}`, () => {
    test(`grpc.reflection.${version} lists every service on the router`, async (t) => {
      const { ask } = startStream(await startObsvty(t), service);
      const { messageResponse } = await ask({ case: "listServices", value: "*" });
      assert.equal(messageResponse.case, "listServicesResponse");
      const names = messageResponse.value.service.map(({ name }) => name);
      for (const name of [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "obsvty.v1.QueryService",
        "opentelemetry.proto.collector.trace.v1.TraceService",
      ]) {
        assert.ok(names.includes(name), name);
      }
    });

    test(`grpc.reflection.${version} answers many requests on one stream, and sends each import once`, async (t) => {
      const { ask, end } = startStream(await startObsvty(t), service, "shop.example");
      const first = await ask({ case: "fileContainingSymbol", value: "obsvty.v1.QueryService.GetStats" });
      assert.equal(first.validHost, "shop.example");
      assert.deepEqual(first.originalRequest?.messageRequest, {
        case: "fileContainingSymbol",
        value: "obsvty.v1.QueryService.GetStats",
      });
      const files = filesOf(first);
      assert.equal(files[0], "obsvty/v1/query.proto");
      assert.ok(files.includes("google/protobuf/struct.proto"));
      assert.ok(files.includes("opentelemetry/proto/trace/v1/trace.proto"));
      assert.equal(new Set(files).size, files.length);
      // A file that is asked for is sent again; its imports are not.
      assert.deepEqual(filesOf(await ask({ case: "fileByFilename", value: "obsvty/v1/query.proto" })), [
        "obsvty/v1/query.proto",
      ]);
      const name = "opentelemetry/proto/collector/trace/v1/trace_service.proto";
      assert.deepEqual(filesOf(await ask({ case: "fileByFilename", value: name })), [name]);
      assert.ok(await end());
    });

    test(`grpc.reflection.${version} describes messages, fields, enum values, imports and error details`, async (t) => {
      const { ask } = startStream(await startObsvty(t), service);
      for (const [symbol, file] of [
        ["opentelemetry.proto.trace.v1.Span", "opentelemetry/proto/trace/v1/trace.proto"],
        ["opentelemetry.proto.trace.v1.Span.Event.name", "opentelemetry/proto/trace/v1/trace.proto"],
        ["opentelemetry.proto.trace.v1.Span.SPAN_KIND_SERVER", "opentelemetry/proto/trace/v1/trace.proto"],
        ["google.protobuf.Timestamp", "google/protobuf/timestamp.proto"],
        ["google.rpc.RetryInfo", "google/rpc/error_details.proto"],
      ] as const) {
        assert.equal(filesOf(await ask({ case: "fileContainingSymbol", value: symbol }))[0], file);
      }
    });

    test(`a symbol that grpc.reflection.${version} does not find is an error inside the stream, which goes on`, async (t) => {
      const { ask, end } = startStream(await startObsvty(t), service);
      for (const [request, message] of [
        [{ case: "fileContainingSymbol", value: "shop.Cart" }, "symbol not found: shop.Cart"],
        [{ case: "fileContainingSymbol", value: "obsvty.v1" }, "symbol not found: obsvty.v1"],
        [{ case: "fileByFilename", value: "shop.proto" }, "file not found: shop.proto"],
        [{ case: "allExtensionNumbersOfType", value: "shop.Cart" }, "type not found: shop.Cart"],
      ] as const) {
        assert.deepEqual(errorOf(await ask(request)), [Code.NotFound, message]);
      }
      const span = "opentelemetry.proto.trace.v1.Span";
      const extension = { $typeName: "grpc.reflection.v1.ExtensionRequest" } as const;
      const value = { ...extension, containingType: span, extensionNumber: 7 };
      assert.deepEqual(errorOf(await ask({ case: "fileContainingExtension", value })), [
        Code.NotFound,
        `extension not found: 7 of ${span}`,
      ]);
      const { messageResponse } = await ask({ case: "allExtensionNumbersOfType", value: span });
      assert.equal(messageResponse.case, "allExtensionNumbersResponse");
      const { baseTypeName, extensionNumber } = messageResponse.value;
      assert.deepEqual([baseTypeName, extensionNumber], [span, []]);
      assert.deepEqual(errorOf(await ask({ case: undefined })), [
        Code.InvalidArgument,
        "message_request: not set, or unknown to this server",
      ]);
      assert.ok(await end());
    });

    test("a reflection stream ends when the server stops, and is not cut", async (t) => {
      const server = await startObsvty(t, { settings: longGrace });
      const { ask, end } = startStream(server, service);
      await ask({ case: "listServices", value: "" });
      const ended = assert.rejects(
        end(),
        (reason: unknown) => reason instanceof ConnectError && reason.code === Code.Unavailable,
      );
      assert.equal(await server.close(), 0);
      await ended;
    });
  });
}

test("reflection describes only services that are on the router", async (t) => {
  const registrars = [registerReflectionService, registerHealthService];
  const { ask } = startStream(await startObsvty(t, { registrars }), v1.ServerReflection);
  const { messageResponse } = await ask({ case: "listServices", value: "" });
  assert.equal(messageResponse.case, "listServicesResponse");
  assert.deepEqual(
    messageResponse.value.service.map(({ name }) => name),
    [
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ],
  );
  const query = await ask({ case: "fileContainingSymbol", value: "obsvty.v1.QueryService" });
  assert.deepEqual(errorOf(query), [Code.NotFound, "symbol not found: obsvty.v1.QueryService"]);
});

test("a reflection stream that its caller leaves open does not delay the stop", async (t) => {
  const server = await startObsvty(t, { settings: longGrace });
  const session = connectHttp2(t, server);
  const { stream, reply } = startCall(session, path);
  // The caller sends list_services and then nothing more.
  stream.write(frame(Buffer.from([0x3a, 0])));
  await new Promise((resolve) => stream.once("data", resolve));
  const closing = server.close();
  assert.equal((await reply).grpcStatus, Code.Unavailable);
  assert.equal(await closing, 0);
});

test("a reflection request that is not protobuf ends the stream with INVALID_ARGUMENT", async (t) => {
  const session = connectHttp2(t, await startObsvty(t));
  assert.equal((await call(session, path, frame(Buffer.from([0x3a, 9])))).grpcStatus, Code.InvalidArgument);
});

test("a reflection stream without requests ends without answers", async (t) => {
  const session = connectHttp2(t, await startObsvty(t));
  const { grpcStatus, body } = await call(session, path, new Uint8Array());
  assert.deepEqual([grpcStatus, body.byteLength], [0, 0]);
});

test("reflection answers Connect's JSON", async (t) => {
  const { url } = await startObsvty(t);
  const transport = createConnectTransport({ baseUrl: url, httpVersion: "2", useBinaryFormat: false });
  const client = createClient(v1.ServerReflection, transport);
  const requests = (async function* () {
    yield { messageRequest: { case: "fileByFilename", value: "google/protobuf/duration.proto" } } as const;
  })();
  for await (const answer of client.serverReflectionInfo(requests)) {
    assert.deepEqual(filesOf(answer), ["google/protobuf/duration.proto"]);
  }
});

describe("reflection needs the permission to read:", () => {
  const listServices = frame(Buffer.from([0x3a, 0]));

  test("reflection is refused to a caller by another name than localhost", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    const refused = await call(session, path, listServices, { ":authority": "obsvty.example" });
    assert.equal(refused.grpcStatus, Code.PermissionDenied);
    assert.equal((await call(session, path, listServices)).grpcStatus, 0);
  });

  test("reflection needs the token when API_TOKEN is set", async (t) => {
    const session = connectHttp2(t, await startObsvty(t, { settings: { API_TOKEN: "r3ad" } }));
    const alpha = path.replace("v1", "v1alpha");
    for (const each of [path, alpha]) {
      assert.equal((await call(session, each, listServices)).grpcStatus, Code.Unauthenticated);
      const headers = { ":authority": "obsvty.example", authorization: "Bearer r3ad" };
      assert.equal((await call(session, each, listServices, headers)).grpcStatus, 0);
    }
  });
});
