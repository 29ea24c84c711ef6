import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadingResources } from "../../src/adapters/inbound/body/body-reader.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectHttp2 } from "../support/server.ts";
import { lengthDelimited } from "../support/wire.ts";

const logs = (count: number) =>
  lengthDelimited(1, lengthDelimited(2, Buffer.alloc(2 * count, Uint8Array.of(0x12, 0))));
const words = /the request has 2000000 items, and at most 262144 are taken at once/;

test("a request of two million items is refused for good, over HTTP and gRPC", async (t) => {
  const server = await startObsvty(t);
  const headers = { "content-type": "application/x-protobuf" };
  const body = Buffer.from(logs(2_000_000));
  const reply = await fetch(`${server.url}/v1/logs`, { method: "POST", headers, body });
  assert.deepEqual([reply.status, reply.headers.get("retry-after")], [413, null]);
  assert.match(await reply.text(), words);
  const {
    grpcStatus,
    grpcMessage,
    headers: trailers,
  } = await call(connectHttp2(t, server), exportPath("logs"), frame(body));
  assert.equal(grpcStatus, 8);
  assert.match(grpcMessage, words);
  assert.equal(trailers["grpc-status-details-bin"], undefined);
  const { items, accepted, refused } = (await statsOf(server)).logs;
  assert.deepEqual({ items, accepted, refused }, { items: 0, accepted: 0, refused: 2 });
});

test("other calls are answered between the steps of a long request", async (t) => {
  const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: String(32 << 20) } });
  const { inflight } = server.app.getDecorator<ReadingResources>("bodies");
  const session = connectHttp2(t, server);
  const ended: string[] = [];
  const body = frame(logs(15_000_000));
  const long = call(session, exportPath("logs"), body).then(() => ended.push("long"));
  await eventually("the body is there", () => (inflight.held >= body.byteLength ? true : undefined));
  const short = call(session, exportPath("logs"), frame(logs(1))).then(() => ended.push("short"));
  await Promise.all([long, short]);
  assert.deepEqual(ended, ["short", "long"]);
  assert.equal(inflight.held, 0);
});
