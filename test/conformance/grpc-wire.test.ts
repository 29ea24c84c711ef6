import assert from "node:assert/strict";
import { constants } from "node:http2";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { createRandom } from "../support/random.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2 } from "../support/server.ts";
import { lengthDelimited, traceRequest, validSpanFields } from "../support/wire.ts";

// The corners of OTLP/gRPC on the wire: what clients send now and then, and what nobody should.

const path = exportPath("traces");
const trace = toBinary(requestSchemas.traces, makeTraceRequest({ count: 3 }));
const gzip = { "grpc-encoding": "gzip" };

/** A request of one span with bytes that do not compress and bytes that do. */
function spanOf(noise: number, zeros: number): Uint8Array {
  const padding = [
    lengthDelimited(100, createRandom(1).bytes(noise)),
    lengthDelimited(101, Buffer.alloc(zeros)),
  ];
  return traceRequest(Buffer.concat([validSpanFields, ...padding]));
}

describe("compression", () => {
  // Up to 32 KiB is inflated on the spot, more by a thread.
  for (const [how, noise] of [
    ["on the spot", 10_000],
    ["by a thread", 60_000],
  ] as const) {
    const large = spanOf(noise, 50_000);
    const compressed = gzipSync(large);
    const settings = { MAX_RECEIVE_MESSAGE_LENGTH: String(large.byteLength) };

    test(`a compressed gRPC message is inflated ${how}, whatever DATA frames it arrives in`, async (t) => {
      const server = await startObsvty(t, { settings });
      const { stream, reply } = startCall(connectHttp2(t, server), path, gzip);
      const body = frame(compressed, 1);
      for (let at = 0; at < body.byteLength; at += 977) stream.write(body.subarray(at, at + 977));
      stream.end();
      assert.equal((await reply).grpcStatus, 0);
      assert.equal((await statsOf(server)).traces.bytes, large.byteLength);
    });

    const broken: Readonly<Record<string, Uint8Array>> = {
      "ends too early": compressed.subarray(0, compressed.byteLength - 9),
      "has a wrong checksum": Buffer.concat([compressed.subarray(0, -8), Buffer.alloc(8)]),
      "has a broken middle": compressed.map((byte, i) => (i > 20 && i < 40 ? byte ^ 0x55 : byte)),
      "is no gzip at all": large.subarray(0, compressed.byteLength),
    };
    for (const [what, bytes] of Object.entries(broken)) {
      test(`compression that ${what} is answered INTERNAL, found ${how}`, async (t) => {
        const server = await startObsvty(t, { settings });
        const session = connectHttp2(t, server);
        const reply = await call(session, path, frame(bytes, 1), gzip);
        assert.deepEqual([reply.grpcStatus, reply.trailersOnly], [13, true], reply.grpcMessage);
        assert.equal((await call(session, path, frame(trace))).grpcStatus, 0);
        const { items, refused } = (await statsOf(server)).traces;
        assert.deepEqual({ items, refused }, { items: 3, refused: 1 });
      });
    }

    test(`a compressed message of the largest size is accepted and one byte more is refused, ${how}`, async (t) => {
      for (const [max, status] of [
        [large.byteLength, 0],
        [large.byteLength - 1, 8],
      ] as const) {
        const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: String(max) } });
        const reply = await call(connectHttp2(t, server), path, frame(compressed, 1), gzip);
        assert.equal(reply.grpcStatus, status, reply.grpcMessage);
      }
    });
  }

  test("several gzip members in a row are one message", async (t) => {
    const server = await startObsvty(t);
    const body = Buffer.concat([gzipSync(trace.subarray(0, 100)), gzipSync(trace.subarray(100))]);
    assert.equal((await call(connectHttp2(t, server), path, frame(body, 1), gzip)).grpcStatus, 0);
    assert.equal((await statsOf(server)).traces.items, 3);
  });

  test("a compressed empty message is an empty request", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    const reply = await call(session, path, frame(gzipSync(new Uint8Array()), 1), gzip);
    assert.equal(reply.grpcStatus, 0, reply.grpcMessage);
  });

  test("many compression bombs at once are each refused, and the server goes on", async (t) => {
    const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: "100000" } });
    const session = connectHttp2(t, server);
    // Inflates a thousandfold, and a bomb of which the compressed bytes take the thread's way.
    const bombs = [gzipSync(Buffer.alloc(20_000_000)), gzipSync(Buffer.alloc(60_000_000))];
    const calls = Array.from({ length: 20 }, (_, i) =>
      call(session, path, frame(bombs[i % 2] ?? new Uint8Array(), 1), gzip),
    );
    for (const reply of await Promise.all(calls)) {
      assert.deepEqual([reply.grpcStatus, reply.trailersOnly], [8, true], reply.grpcMessage);
      assert.equal(reply.headers["google.rpc.retryinfo-bin"], undefined);
      assert.equal(reply.headers["grpc-status-details-bin"], undefined);
    }
    assert.equal((await call(session, path, frame(trace))).grpcStatus, 0);
    assert.equal((await statsOf(server)).traces.refused, 20);
  });

  test("a compressed message without a named encoding is answered INTERNAL", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    const reply = await call(session, path, frame(gzipSync(trace), 1));
    assert.equal(reply.grpcStatus, 13, reply.grpcMessage);
  });
});

describe("a deadline", () => {
  const taken = ["1H", "99999999H", "1M", "10S", "10000m", "9000000u", "99999999n", "00000010S"];
  const malformed = ["", "S", "1", "1s", "1h", "-1S", "1.5S", "1 S", "+1S", "123456789n", "0x1S", "1S1S"];

  test("a grpc-timeout is at most eight digits and a unit; anything else is answered INTERNAL", async (t) => {
    const server = await startObsvty(t);
    const session = connectHttp2(t, server);
    const answer = async (timeout: string) => {
      const { grpcStatus, grpcMessage } = await call(session, path, frame(trace), {
        "grpc-timeout": timeout,
      });
      return [timeout, grpcStatus, grpcMessage];
    };
    assert.deepEqual(
      await Promise.all(taken.map(answer)),
      taken.map((timeout) => [timeout, 0, ""]),
    );
    assert.deepEqual(
      await Promise.all(malformed.map(answer)),
      malformed.map((timeout) => [timeout, 13, "malformed grpc-timeout"]),
    );
    const { items, refused } = (await statsOf(server)).traces;
    assert.deepEqual({ items, refused }, { items: 3 * taken.length, refused: malformed.length });
  });

  test("a deadline of no time has passed before any body can arrive", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    for (const timeout of ["0S", "1n"]) {
      const reply = await call(session, path, frame(trace), { "grpc-timeout": timeout });
      assert.equal(reply.grpcStatus, 4, reply.grpcMessage);
    }
  });

  test("a caller is told of its deadline when that passes before REQUEST_TIMEOUT_MS does", async (t) => {
    // Node's timers count whole milliseconds and so may fire a little early by the clock of the deadline.
    const server = await startObsvty(t);
    const session = connectHttp2(t, server);
    for (let i = 0; i < 40; i++) {
      const { stream, reply } = startCall(session, path, { "grpc-timeout": "2900u" });
      stream.write(frame(trace).subarray(0, 40));
      const { grpcStatus, grpcMessage, trailersOnly } = await reply;
      assert.deepEqual([grpcStatus, grpcMessage, trailersOnly], [4, "the deadline has passed", true]);
    }
    const { items, refused } = (await statsOf(server)).traces;
    assert.deepEqual({ items, refused }, { items: 0, refused: 40 });
  });

  test("a deadline longer than REQUEST_TIMEOUT_MS does not make the server wait longer", async (t) => {
    const server = await startObsvty(t, { settings: { REQUEST_TIMEOUT_MS: "500" } });
    const { stream, reply } = startCall(connectHttp2(t, server), path, { "grpc-timeout": "1H" });
    stream.write(frame(trace).subarray(0, 40));
    const { grpcStatus, grpcMessage } = await reply;
    assert.deepEqual([grpcStatus, grpcMessage], [4, "the request did not arrive within 500 ms"]);
  });
});

describe("metadata", () => {
  const odd: readonly Readonly<Record<string, string>>[] = [
    { "x-bin": "AAECAw==" },
    { "x-bin": "AAECAw" },
    { "x-bin": "not base64 at all!" },
    { "x-bin": "" },
    { "grpc-trace-bin": "AAA", "grpc-tags-bin": "====" },
    { "grpc-status-details-bin": "AAE" },
    { "x-ascii": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" },
    { "x-percent": "%zz%" },
    { "x-long": "x".repeat(10_000) },
    { "grpc-accept-encoding": "identity,deflate,gzip,zstd", "grpc-previous-rpc-attempts": "x" },
    { "user-agent": "", te: "trailers" },
    { "content-length": String(frame(trace).byteLength) },
  ];
  test("an export with odd metadata is accepted", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    for (const headers of odd) {
      const reply = await call(session, path, frame(trace), headers);
      assert.equal(reply.grpcStatus, 0, `${JSON.stringify(headers)} ${reply.grpcMessage}`);
    }
  });

  test("an export without te: trailers is accepted", async (t) => {
    const session = connectHttp2(t, await startObsvty(t));
    const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc" });
    const trailers = new Promise((resolve) => stream.on("trailers", resolve));
    stream.resume().end(frame(trace));
    assert.equal((await (trailers as Promise<Record<string, string>>))["grpc-status"], "0");
  });
});

describe("MAX_INFLIGHT_BYTES", () => {
  const largest = spanOf(5_000, 0);
  const max = String(largest.byteLength);
  const settings = { MAX_RECEIVE_MESSAGE_LENGTH: max, MAX_INFLIGHT_BYTES: max };

  test("MAX_INFLIGHT_BYTES never refuses the only request, however large it is", async (t) => {
    const session = connectHttp2(t, await startObsvty(t, { settings }));
    const reply = await call(session, path, frame(largest));
    assert.equal(reply.grpcStatus, 0, reply.grpcMessage);
  });

  test("a request over MAX_INFLIGHT_BYTES gets UNAVAILABLE with the same hint in both fields, and the count returns to zero", async (t) => {
    const server = await startObsvty(t, { settings });
    const session = connectHttp2(t, server);
    for (let i = 0; i < 5; i++) {
      const held = startCall(session, path);
      held.stream.write(frame(largest).subarray(0, 4_800));
      await new Promise<void>((resolve) => session.ping(() => resolve()));
      const reply = await call(session, path, frame(trace));
      assert.deepEqual([reply.grpcStatus, reply.trailersOnly], [14, true]);
      const bytes = (name: string) => Buffer.from(String(reply.headers[name]), "base64");
      const status = fromBinary(StatusSchema, bytes("grpc-status-details-bin"));
      assert.equal(status.code, 14);
      assert.equal(status.message, reply.grpcMessage);
      const [detail] = status.details;
      const inDetails = detail && anyUnpack(detail, RetryInfoSchema);
      assert.deepEqual(inDetails, fromBinary(RetryInfoSchema, bytes("google.rpc.retryinfo-bin")));
      assert.ok(inDetails?.retryDelay && durationMs(inDetails.retryDelay) > 0);
      // One ends well, the next in a reset.
      if (i % 2 === 0) held.stream.end(frame(largest).subarray(4_800));
      else held.stream.close(constants.NGHTTP2_CANCEL);
      await held.reply;
      await eventually("the bytes are let go", async () =>
        (await call(session, path, frame(largest))).grpcStatus === 0 ? true : undefined,
      );
    }
  });
});

describe("an upload", () => {
  test("an upload whose prefix declares too much is refused before it has arrived, and its stream ends without an error", async (t) => {
    const server = await startObsvty(t, { settings: { MAX_RECEIVE_MESSAGE_LENGTH: "1000000" } });
    const session = connectHttp2(t, server);
    // More in all than the connection's window: what is refused has to be let through and forgotten.
    for (let i = 0; i < 30; i++) {
      const { stream, reply } = startCall(session, path);
      stream.write(frame(Buffer.alloc(1_000_001)).subarray(0, 900_000));
      const { grpcStatus, trailersOnly, rstCode } = await reply;
      assert.deepEqual([grpcStatus, trailersOnly, rstCode], [8, true, constants.NGHTTP2_NO_ERROR]);
    }
    assert.equal((await call(session, path, frame(trace))).grpcStatus, 0);
    const { items, refused } = (await statsOf(server)).traces;
    assert.deepEqual({ items, refused }, { items: 3, refused: 30 });
  });

  test("an upload that its client resets is neither kept nor counted as refused", async (t) => {
    const server = await startObsvty(t);
    const session = connectHttp2(t, server);
    const codes = [
      constants.NGHTTP2_CANCEL,
      constants.NGHTTP2_INTERNAL_ERROR,
      constants.NGHTTP2_REFUSED_STREAM,
    ];
    for (const code of codes) {
      const { stream, reply } = startCall(session, path);
      stream.write(frame(trace).subarray(0, frame(trace).byteLength - 1));
      await new Promise<void>((resolve) => session.ping(() => resolve()));
      stream.close(code);
      await reply.catch(() => {});
    }
    assert.equal((await call(session, path, frame(trace))).grpcStatus, 0);
    const { items, refused } = (await statsOf(server)).traces;
    assert.deepEqual({ items, refused }, { items: 3, refused: 0 });
  });

  test("an upload that ends with its connection does not disturb those of other connections", async (t) => {
    const server = await startObsvty(t);
    const other = connectHttp2(t, server);
    for (let i = 0; i < 10; i++) {
      const session = connectHttp2(t, server);
      const { stream, reply } = startCall(session, path);
      stream.write(frame(trace).subarray(0, 100));
      await new Promise<void>((resolve) => session.ping(() => resolve()));
      session.destroy();
      await reply.catch(() => {});
    }
    assert.equal((await call(other, path, frame(trace))).grpcStatus, 0);
  });

  test("an upload whose client leaves before the answer is kept", async (t) => {
    const server = await startObsvty(t);
    const session = connectHttp2(t, server);
    const { stream, reply } = startCall(session, path, gzip);
    stream.end(frame(gzipSync(spanOf(100_000, 0)), 1), () => stream.close(constants.NGHTTP2_CANCEL));
    await reply.catch(() => {});
    assert.equal((await call(session, path, frame(trace))).grpcStatus, 0);
    const { refused } = (await statsOf(server)).traces;
    assert.equal(refused, 0);
  });
});
