import type { TestContext } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { call, frame } from "./raw-grpc.ts";
import { connectHttp2, type TestServer } from "./server.ts";

export interface Answer {
  /** gRPC's number of the outcome, 0 for success, whatever the protocol calls it. */
  readonly code: number;
  /** Of a success: the encoded response. */
  readonly message: Uint8Array;
  readonly hasRetryHint: boolean;
  /** Of a refusal: its words. */
  readonly refusal: string;
}

export interface Sending {
  readonly body: Uint8Array;
  readonly encoding?: string;
  readonly token?: string;
  /** How long the caller waits for its answer, where the protocol can say so: OTLP/HTTP cannot. */
  readonly timeoutMs?: number;
}

/** Sends one trace export, in protobuf, and tells what came of it. Rejects when the connection breaks. */
export type Way = (t: TestContext, server: TestServer, sending: Sending) => Promise<Answer>;

function post(
  server: TestServer,
  path: string,
  type: string,
  body: Uint8Array,
  headers: Record<string, string | undefined>,
): Promise<Response> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": type, ...Object.fromEntries(given) },
    body: Buffer.from(body),
  });
}

function accepted(message: Uint8Array): Answer {
  return { code: 0, message, hasRetryHint: false, refusal: "" };
}

async function postOtlp(
  server: TestServer,
  { body, encoding, token }: Sending,
  own: Record<string, string>,
): Promise<Answer> {
  const headers = { "content-encoding": encoding, authorization: bearer(token), ...own };
  const reply = await post(server, "/v1/traces", "application/x-protobuf", body, headers);
  const bytes = await reply.bytes();
  if (reply.status === 200) return accepted(bytes);
  const { code, message: refusal } = fromBinary(StatusSchema, bytes);
  return { code, message: new Uint8Array(), hasRetryHint: reply.headers.has("retry-after"), refusal };
}

const bearer = (token: string | undefined) => token && `Bearer ${token}`;

/** Every way in for an export. */
export const ways: Readonly<Record<string, Way>> = {
  "native gRPC": async (t, server, { body, encoding, token, timeoutMs }) => {
    const headers = {
      "grpc-encoding": encoding ?? "identity",
      ...(timeoutMs && { "grpc-timeout": `${timeoutMs}m` }),
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const reply = await call(
      connectHttp2(t, server),
      exportPath("traces"),
      frame(body, encoding === undefined ? 0 : 1),
      headers,
    );
    if (reply.httpStatus === 0) throw new Error("the connection broke");
    return {
      code: reply.grpcStatus,
      message: reply.body.subarray(5),
      hasRetryHint: reply.headers["grpc-status-details-bin"] !== undefined,
      refusal: reply.grpcMessage,
    };
  },
  "gRPC-Web": async (_t, server, { body, encoding, token, timeoutMs }) => {
    const framed = frame(body, encoding === undefined ? 0 : 1);
    const timeout = timeoutMs === undefined ? undefined : `${timeoutMs}m`;
    const headers = { "grpc-encoding": encoding, "grpc-timeout": timeout, authorization: bearer(token) };
    const reply = await post(server, exportPath("traces"), "application/grpc-web+proto", framed, headers);
    const bytes = Buffer.from(await reply.bytes());
    const length = bytes.byteLength === 0 ? 0 : bytes.readUInt32BE(1);
    const isMessage = bytes.byteLength > 0 && bytes[0] === 0;
    const trailers = bytes.subarray(isMessage ? 5 + length : 0).toString("latin1");
    const status = reply.headers.get("grpc-status") ?? /grpc-status: ?(\d+)/i.exec(trailers)?.[1];
    return {
      code: Number(status),
      message: isMessage ? bytes.subarray(5, 5 + length) : bytes.subarray(0, 0),
      hasRetryHint: reply.headers.has("grpc-status-details-bin"),
      refusal: decodeURIComponent(reply.headers.get("grpc-message") ?? ""),
    };
  },
  Connect: async (_t, server, { body, encoding, token, timeoutMs }) => {
    const headers = {
      "content-encoding": encoding,
      "connect-timeout-ms": timeoutMs?.toString(),
      authorization: bearer(token),
    };
    const reply = await post(server, exportPath("traces"), "application/proto", body, headers);
    if (reply.status === 200) return accepted(await reply.bytes());
    const { code, message: refusal } = (await reply.json()) as { code: string; message: string };
    return {
      code: codeFromString(code) ?? -1,
      message: new Uint8Array(),
      hasRetryHint: reply.headers.has("retry-after"),
      refusal,
    };
  },
  "OTLP/HTTP": (_t, server, sending) => postOtlp(server, sending, {}),
  // Who sends an Origin gets CORS headers, and is served by Fastify.
  "OTLP/HTTP from a page": (_t, server, sending) =>
    postOtlp(server, sending, { origin: "http://page.example" }),
};
