import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import type { ConnectRegistrar } from "../../src/adapters/inbound/connect/plugin.ts";
import { ObsvtyError } from "../../src/domain/errors.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { mediaTypeOf } from "../../src/otlp/content-types.ts";
import { callers, type ErrorCall } from "../support/error-reply.ts";
import { call, frame, type RawReply, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, startServer } from "../support/server.ts";

const getStats = "/obsvty.v1.QueryService/GetStats";
const rpcProtocols = ["grpc", "grpcWeb", "connect"] as const;

/** GetStats that throws this. */
function throwing(reason: unknown): ConnectRegistrar[] {
  return [(router) => router.service(QueryService, { getStats: () => Promise.reject(reason) })];
}

/** The code that a call is refused with; gRPC-Web may have it in a frame of the body. */
async function refusal(
  protocol: (typeof rpcProtocols)[number],
  ...[t, server, errorCall]: Parameters<(typeof callers)["grpc"]>
): Promise<number | string> {
  if (protocol !== "grpcWeb") {
    return (await callers[protocol](t, server, errorCall)).code ?? -1;
  }
  const headers = { "content-type": "application/grpc-web+proto", ...errorCall.headers };
  const body = Buffer.from(errorCall.body ?? Buffer.alloc(5));
  const reply = await fetch(`${server.url}${errorCall.path}`, { method: "POST", headers, body });
  const text = `grpc-status: ${reply.headers.get("grpc-status") ?? ""}\r\n${await reply.text()}`;
  return Number(/grpc-status: (\d+)/.exec(text)?.[1]);
}

describe("an error that a Connect handler throws", () => {
  for (const protocol of rpcProtocols) {
    it(`an ObsvtyError of a Connect handler is answered over ${protocol} with its code, and logged once`, async (t) => {
      const registrars = throwing(new ObsvtyError("not-found", "no such thing"));
      const server = await startServer(t, { registrars });
      const code = await refusal(protocol, t, server, { path: getStats });
      assert.equal(code, protocol === "connect" ? "not_found" : 5);
      const lines = server.logs.filter(({ path }) => path === getStats);
      assert.deepEqual(
        lines.map(({ level, code }) => [level, code]),
        [[20, "not-found"]],
      );
    });

    it(`an unknown error of a Connect handler is answered over ${protocol} as "internal error", with the cause in the log alone`, async (t) => {
      const server = await startServer(t, { registrars: throwing(new Error("disk on fire")) });
      const code = await refusal(protocol, t, server, { path: getStats });
      assert.equal(code, protocol === "connect" ? "internal" : 13);
      const [line, ...more] = server.logs.filter(({ path }) => path === getStats);
      assert.deepEqual([line?.level, more.length], [50, 0]);
      assert.match(JSON.stringify(line), /disk on fire/);
    });
  }

  it("an error of a Connect handler keeps its details, whatever its code", async (t) => {
    const hint = { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(1_500) } };
    for (const code of [Code.InvalidArgument, Code.NotFound]) {
      const server = await startServer(t, {
        registrars: throwing(new ConnectError("bad", code, undefined, [hint])),
      });
      for (const protocol of ["grpc", "connect"] as const) {
        assert.equal((await callers[protocol](t, server, { path: getStats })).retryAfterMs, 1_500, protocol);
      }
      const headers = { "content-type": "application/grpc-web+proto" };
      const reply = await fetch(`${server.url}${getStats}`, {
        method: "POST",
        headers,
        body: Buffer.alloc(5),
      });
      assert.match(await reply.text(), /grpc-status-details-bin: \S/);
    }
  });

  it("an error of a Connect handler is sent Trailers-Only over gRPC, with the retry hint in both places", async (t) => {
    const registrars = throwing(new ObsvtyError("overloaded", "100% full: é", { retryAfterMs: 1_500 }));
    const server = await startServer(t, { registrars });
    const seen = await callers.grpc(t, server, { path: getStats });
    assert.deepEqual([seen.code, seen.retryAfterMs], [14, 1_500]);
    assert.ok(seen.headers["google.rpc.retryinfo-bin"]);
    assert.equal(decodeURIComponent(String(seen.headers["grpc-message"])), "100% full: é");
  });

  it("an error of a Connect handler leaves the connection usable for the next call", async (t) => {
    const server = await startServer(t, { registrars: throwing(new ObsvtyError("not-found", "nothing")) });
    const session = connectHttp2(t, server);
    for (let count = 0; count < 20; count += 1) {
      assert.equal((await call(session, getStats, frame(Buffer.alloc(0)))).grpcStatus, 5);
    }
  });
});

describe("a call that the Connect library refuses", () => {
  it("a message of a Connect stream that is not in its encoding is answered invalid_argument, and logged as such", async (t) => {
    const server = await startServer(t);
    const path = "/obsvty.v1.QueryService/Tail";
    const headers = { "content-type": "application/connect+json", "connect-content-encoding": "gzip" };
    const body = frame(bad, 1);
    const reply = await fetch(`${server.url}${path}`, { method: "POST", headers, body: Buffer.from(body) });
    const { error } = JSON.parse((await reply.text()).slice(5));
    assert.deepEqual(error, { code: "invalid_argument", message: "message is not valid gzip" });
    const codes = server.logs.filter((line) => line.path === path).map(({ code }) => code);
    assert.deepEqual(codes, ["corrupt-encoding"]);
  });

  const tooLong = Buffer.alloc(2_000);
  const bad = Buffer.from([0xff]);
  const rows: readonly (readonly [string, (typeof rpcProtocols)[number], ErrorCall, number | string])[] = [
    ["bytes that are not the message", "grpc", { path: getStats, body: frame(bad) }, 3],
    ["bytes that are not the message", "grpcWeb", { path: getStats, body: frame(bad) }, 3],
    [
      "bytes that are not the message",
      "connect",
      { path: getStats, headers: { "content-type": "application/proto" }, body: bad },
      "invalid_argument",
    ],
    ["JSON that is broken", "connect", { path: exportPath("logs"), body: "{" }, "invalid_argument"],
    ["a message over the limit", "grpcWeb", { path: exportPath("logs"), body: frame(tooLong) }, 8],
    [
      "a message over the limit",
      "connect",
      { path: exportPath("logs"), body: " ".repeat(2_000) },
      "resource_exhausted",
    ],
    [
      "a message over the limit once inflated",
      "connect",
      {
        path: exportPath("logs"),
        headers: { "content-encoding": "gzip" },
        body: gzipSync(" ".repeat(2_000)),
      },
      "resource_exhausted",
    ],
    [
      "an unknown encoding",
      "connect",
      { path: exportPath("logs"), headers: { "content-encoding": "lzma" }, body: "{}" },
      "unimplemented",
    ],
    ["an unknown encoding", "grpc", { path: getStats, headers: { "grpc-encoding": "lzma" } }, 12],
    [
      "a message that is not in its encoding",
      "grpc",
      { path: getStats, headers: { "grpc-encoding": "gzip" }, body: frame(bad, 1) },
      13,
    ],
    [
      "a message that is not in its encoding",
      "grpcWeb",
      { path: getStats, headers: { "grpc-encoding": "gzip" }, body: frame(bad, 1) },
      13,
    ],
    [
      "a body that is not in its encoding",
      "connect",
      { path: getStats, headers: { "content-encoding": "gzip" }, body: bad },
      "invalid_argument",
    ],
    ["no message at all", "grpc", { path: getStats, body: new Uint8Array(0) }, 12],
  ];
  for (const [what, protocol, errorCall, code] of rows) {
    it(`a call that Connect refuses is answered ${code} over ${protocol}, counted and logged once: ${what}`, async (t) => {
      const settings = { MAX_RECEIVE_MESSAGE_LENGTH: "1000" };
      const server = await startServer(t, { settings });
      assert.equal(await refusal(protocol, t, server, errorCall), code);
      const lines = server.logs.filter(({ path }) => path === errorCall.path);
      assert.deepEqual(
        lines.map(({ level }) => level),
        [40],
      );
      assert.equal(server.core.counters.of("logs").refused, errorCall.path === getStats ? 0 : 1);
    });
  }

  it("a gRPC call whose body does not arrive in time is answered 4", async (t) => {
    const server = await startServer(t, { settings: { REQUEST_TIMEOUT_MS: "50" } });
    const { stream, reply } = startCall(connectHttp2(t, server), getStats);
    stream.write(frame(Buffer.alloc(10)).subarray(0, 7));
    const { grpcStatus, trailersOnly } = await reply;
    assert.deepEqual({ grpcStatus, trailersOnly }, { grpcStatus: 4, trailersOnly: true });
  });
});

describe("the deadline of a caller", () => {
  const connect = { "connect-timeout-ms": "50" };
  const grpc = { "grpc-timeout": "50m" };
  const rows = [
    [getStats, "application/json", connect],
    [getStats, "application/proto", connect],
    ["/obsvty.v1.QueryService/Tail", "application/connect+json", connect],
    [getStats, "application/grpc-web+proto", grpc],
    [getStats, "application/grpc", grpc],
    ["/obsvty.v1.QueryService/Tail", "application/grpc", grpc],
    [exportPath("traces"), "application/json", connect],
    [exportPath("traces"), "application/grpc-web", grpc],
  ] as const;
  for (const [path, type, deadline] of rows) {
    it(`a caller's deadline ends a call whose body stops half-way: ${type} to ${path}`, async (t) => {
      const server = await startServer(t);
      const headers = { "content-type": type, ...deadline };
      const { stream, reply } = startCall(connectHttp2(t, server), path, headers);
      stream.write(frame(Buffer.alloc(10)).subarray(0, 7));
      const { headers: got, body } = await reply;
      const text = `${JSON.stringify(got)}${body}`;
      assert.match(text, /"grpc-status":"4"|grpc-status: 4|"code":"deadline_exceeded"/);
      assert.match(text, /the deadline has passed/);
    });
  }
});

/** The code and the message of an error, wherever the protocol has them. */
function errorIn({ headers, trailers, grpcStatus, grpcMessage, body }: RawReply): {
  code: number | string;
  message: string;
} {
  if (grpcStatus > 0) return { code: grpcStatus, message: grpcMessage };
  const flags = body[0] ?? 0;
  const payload = body.subarray(5);
  switch (mediaTypeOf(headers["content-type"])) {
    case "application/grpc-web+json": {
      assert.equal(flags & 0x80, 0x80, "a frame of trailers");
      const text = String(inflated(payload, (flags & 1) === 1 ? headers["grpc-encoding"] : undefined));
      const fields = new Map(
        text.split("\r\n").map((line) => [line.split(":")[0], line.split(": ")[1] ?? ""]),
      );
      return {
        code: Number(fields.get("grpc-status")),
        message: decodeURIComponent(fields.get("grpc-message") ?? ""),
      };
    }
    case "application/connect+json": {
      assert.equal(flags & 2, 2, "the envelope that ends the stream");
      const encoding = (flags & 1) === 1 ? headers["connect-content-encoding"] : undefined;
      return JSON.parse(String(inflated(payload, encoding))).error;
    }
    case "application/json":
      return JSON.parse(String(inflated(body, headers["content-encoding"])));
    default:
      assert.fail(JSON.stringify({ ...headers, ...trailers }));
  }
}

function inflated(bytes: Uint8Array, encoding: unknown): Uint8Array {
  return encoding === "gzip" ? gunzipSync(bytes) : bytes;
}

describe("an error of over 1 KiB", () => {
  // 1,600 bytes: an error's message has at most 1,000 characters.
  const long = "é".repeat(800);
  const gzip = {
    "accept-encoding": "gzip",
    "grpc-accept-encoding": "gzip",
    "connect-accept-encoding": "gzip",
  };
  const causes = {
    "of a handler": {
      registrars: throwing(new ObsvtyError("not-found", long)),
      request: {},
      codes: ["not_found", 5],
    },
    "of the library": {
      registrars: [
        (router) => router.service(QueryService, {}, { jsonOptions: { ignoreUnknownFields: false } }),
      ] as ConnectRegistrar[],
      request: { [long]: 1 },
      codes: ["invalid_argument", 3],
    },
  };
  for (const [cause, { registrars, request, codes }] of Object.entries(causes)) {
    for (const type of [
      "application/grpc-web+json",
      "application/grpc+json",
      "application/connect+json",
      "application/json",
    ]) {
      it(`an error of over 1 KiB ${cause} reaches a caller of ${type} whole, and nothing goes to stderr`, async (t) => {
        const printed = t.mock.method(console, "error");
        const server = await startServer(t, { registrars });
        const isStream = type === "application/connect+json";
        // The service of the handler has no method that streams, and says so.
        const isMissing = isStream && cause === "of a handler";
        const path = isStream ? "/obsvty.v1.QueryService/Tail" : getStats;
        const json = Buffer.from(JSON.stringify(request));
        const body = type === "application/json" ? json : frame(json);
        const reply = await call(connectHttp2(t, server), path, body, { "content-type": type, ...gzip });
        const { code, message } = errorIn(reply);
        assert.ok(isMissing ? code === "unimplemented" : codes.includes(code), `${code}`);
        assert.ok(isMissing || message.includes(long), message.slice(0, 300));
        assert.equal(printed.mock.callCount(), 0);
        assert.equal(server.logs.filter((line) => line.path === path).length, 1);
      });
    }
  }
});
