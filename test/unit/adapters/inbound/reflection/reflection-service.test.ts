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
});
