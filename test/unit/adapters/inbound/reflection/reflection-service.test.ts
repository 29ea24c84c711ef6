import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
} from "../../../../../gen/grpc/reflection/v1/reflection_pb.ts";
import { registerReflectionService } from "../../../../../src/adapters/inbound/reflection/reflection-service.ts";
import { heapBytes } from "../../../../support/heap.ts";

type Reflect = (
  requests: AsyncIterable<ServerReflectionRequest>,
  context: HandlerContext,
) => AsyncIterable<unknown>;

/** The handler of reflection, without a server around it. */
function reflectionHandler(): Reflect {
  let handler: Reflect | undefined;
  const router = {
    handlers: [],
    service: (_service: unknown, { serverReflectionInfo }: { serverReflectionInfo: Reflect }) => {
      handler = serverReflectionInfo;
    },
  };
  registerReflectionService(router as unknown as ConnectRouter);
  assert.ok(handler);
  return handler;
}

async function* emptyRequests() {
  for (;;) yield create(ServerReflectionRequestSchema);
}

describe("reflection", () => {
  test("reflection keeps nothing of the requests that it has answered on a stream", async () => {
    const { signal } = new AbortController();
    const answers = reflectionHandler()(emptyRequests(), { signal } as HandlerContext);
    const bytesAt = new Map<number, number>();
    let count = 0;
    for await (const _ of answers) {
      count += 1;
      if (count % 10_000 === 0) bytesAt.set(count, heapBytes());
      if (count === 50_000) break;
    }
    const perRequest = ((bytesAt.get(50_000) ?? 0) - (bytesAt.get(10_000) ?? 0)) / 40_000;
    assert.ok(perRequest < 100, `${perRequest} bytes a request`);
  });

  test("reflection answers one request in each turn of the event loop, whatever the streams, behind their first", async () => {
    const streams = 8;
    const handler = reflectionHandler();
    let ofTurn = 0;
    let most = 0;
    let isOver = false;
    const nextTurn = () => {
      most = Math.max(most, ofTurn);
      ofTurn = 0;
      if (!isOver) setImmediate(nextTurn);
    };
    const read = async () => {
      const { signal } = new AbortController();
      let count = 0;
      for await (const _ of handler(emptyRequests(), { signal } as HandlerContext)) {
        count += 1;
        // Many streams may begin in one turn.
        if (count > 1) ofTurn += 1;
        if (count === 200) break;
      }
    };
    setImmediate(nextTurn);
    await Promise.all(Array.from({ length: streams }, read));
    isOver = true;
    most = Math.max(most, ofTurn);
    assert.ok(most <= 2, `${most} requests were answered in one turn`);
  });
});
