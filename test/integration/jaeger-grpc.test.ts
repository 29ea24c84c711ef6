import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { QueryService, TraceQueryParametersSchema } from "../../gen/jaeger/api_v3/query_service_pb.ts";
import type { TracesData } from "../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import { sendAll } from "../support/ingest.ts";
import { hex, startShop } from "../support/jaeger.ts";
import { startObsvty } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";

const transports = {
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect in JSON": (baseUrl: string) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
};

async function all<Message>(stream: AsyncIterable<Message>): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

const namesOf = (messages: readonly TracesData[]) =>
  messages.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
    ),
  );

const isCode = (code: Code, message: RegExp) => (reason: unknown) =>
  reason instanceof ConnectError && reason.code === code && message.test(reason.message);

const seconds = (text: string) => ({ seconds: BigInt(Date.parse(text) / 1_000), nanos: 0 });

for (const [name, transportTo] of Object.entries(transports)) {
  describe(`jaeger.api_v3.QueryService over ${name}`, () => {
    test(`services, operations and dependencies are read over ${name}`, async (t) => {
      const server = await startShop(t);
      const client = createClient(QueryService, transportTo(server.url));
      assert.deepEqual((await client.getServices({})).services, ["bank", "shop"]);
      const { operations } = await client.getOperations({ service: "shop", spanKind: "client" });
      assert.deepEqual(
        operations.map(({ name, spanKind }) => [name, spanKind]),
        [["charge", "client"]],
      );
      const all = await client.getOperations({ service: "bank" });
      assert.equal(all.operations[0]?.name, "POST /pay");
      await assert.rejects(client.getOperations({}), isCode(Code.InvalidArgument, /service/));
      const times = { startTime: seconds("2026-11-23T00:00:00Z"), endTime: seconds("2026-11-24T00:00:00Z") };
      const { dependencies } = await client.getDependencies(times);
      assert.deepEqual(
        dependencies.map(({ parent, child, callCount }) => [parent, child, callCount]),
        [["shop", "bank", 1n]],
      );
      assert.equal(server.core.answers.bytes, 0);
    });

    test(`traces are read and searched over ${name}`, async (t) => {
      const server = await startShop(t);
      const client = createClient(QueryService, transportTo(server.url));
      const trace = await all(client.getTrace({ traceId: hex(1) }));
      assert.deepEqual(namesOf(trace), ["POST /checkout", "charge", "POST /pay"]);
      const [span] = trace[0]?.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
      assert.equal(Buffer.from(span?.traceId ?? []).toString("hex"), hex(1));
      await assert.rejects(
        all(client.getTrace({ traceId: hex(9) })),
        isCode(Code.NotFound, /no traces found/),
      );
      await assert.rejects(
        all(client.getTrace({ traceId: "no id" })),
        isCode(Code.InvalidArgument, /trace_?id/i),
      );
      const query = {
        serviceName: "shop",
        attributes: { error: "true" },
        startTimeMin: seconds("2026-11-23T00:00:00Z"),
        startTimeMax: seconds("2026-11-24T00:00:00Z"),
        durationMin: { seconds: 0n, nanos: 1_000_000 },
        searchDepth: 5,
      };
      assert.equal(namesOf(await all(client.findTraces({ query }))).length, 3);
      assert.deepEqual(await all(client.findTraces({ query: { serviceName: "nobody" } })), []);
      await assert.rejects(all(client.findTraces({})), isCode(Code.InvalidArgument, /query: is required/));
      const backwards = { startTimeMin: query.startTimeMax, startTimeMax: query.startTimeMin };
      const beforeIt = isCode(Code.InvalidArgument, /before query\.start_?time_?min/i);
      await assert.rejects(all(client.findTraces({ query: backwards })), beforeIt);
      const tooMany = { query: { searchDepth: 10_001 } };
      await assert.rejects(all(client.findTraces(tooMany)), isCode(Code.InvalidArgument, /search_?depth/i));
      const [{ summaries = [] } = {}] = await all(client.findTraceSummaries({ query }));
      assert.deepEqual(
        summaries.map(({ traceId, spanCount, errorSpanCount, services }) => [
          traceId,
          spanCount,
          errorSpanCount,
          services.map(({ name }) => name),
        ]),
        [[hex(1), 3, 2, ["bank", "shop"]]],
      );
      assert.equal(server.core.answers.bytes, 0);
    });

    test(`a trace that is larger than a client's messages is streamed in parts over ${name}`, async (t) => {
      const server = await startObsvty(t);
      await sendAll(server, "traces", makeTraceRequest({ count: 4_000, spansPerTrace: 4_000 }));
      const client = createClient(QueryService, transportTo(server.url));
      const messages = await all(client.findTraces({ query: { serviceName: "shop" } }));
      assert.ok(messages.length > 4);
      assert.equal(namesOf(messages).length, 4_000);
      assert.equal(server.core.answers.bytes, 0);
    });
  });
}

test("the structured filter of api_v3 is refused, and not passed over", async (t) => {
  const server = await startShop(t);
  const client = createClient(QueryService, transports.gRPC(server.url));
  const bytes = new BinaryWriter().tag(10, WireType.LengthDelimited).string("").finish();
  const query = fromBinary(TraceQueryParametersSchema, bytes);
  await assert.rejects(
    all(client.findTraces({ query })),
    isCode(Code.InvalidArgument, /filter: is not supported/),
  );
});

test("with API_TOKEN, jaeger.api_v3.QueryService asks for it", async (t) => {
  const server = await startObsvty(t, { settings: { API_TOKEN: "s3cret" } });
  const client = createClient(QueryService, transports.gRPC(server.url));
  await assert.rejects(client.getServices({}), isCode(Code.Unauthenticated, /token/));
  const headers = { authorization: "Bearer s3cret" };
  assert.deepEqual((await client.getServices({}, { headers })).services, []);
});
