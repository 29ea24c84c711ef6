import type { TestContext } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { exportPath } from "../../src/domain/signal.ts";
import type { Transport } from "../../src/domain/transport.ts";
import { type HttpReply, type HttpVersion, sendHttp } from "./http-call.ts";
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
type Send = (t: TestContext, server: TestServer, sending: Sending) => Promise<Answer>;

/** One way in for an export. */
export interface Way {
  /** For the names of tests. */
  readonly name: string;
  readonly transport: Transport;
  /** Of the server: without it the export comes by Fastify. */
  readonly fastPath: boolean;
  readonly send: Send;
}

/** An export as its protocol sends it by POST, and what its answer means. */
interface Posting {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly read: (reply: HttpReply) => Answer;
}

const postings: Readonly<Record<Exclude<Transport, "grpc">, (sending: Sending) => Posting>> = {
  "grpc-web": ({ body, encoding, timeoutMs }) => ({
    path: exportPath("traces"),
    headers: {
      "content-type": "application/grpc-web+proto",
      "grpc-encoding": encoding,
      "grpc-timeout": timeoutMs === undefined ? undefined : `${timeoutMs}m`,
    },
    body: frame(body, encoding === undefined ? 0 : 1),
    read: ({ headers, body: bytes }) => {
      const length = bytes.byteLength === 0 ? 0 : bytes.readUInt32BE(1);
      const isMessage = bytes.byteLength > 0 && bytes[0] === 0;
      const trailers = bytes.subarray(isMessage ? 5 + length : 0).toString("latin1");
      return {
        code: Number(headers["grpc-status"] ?? /grpc-status: ?(\d+)/i.exec(trailers)?.[1]),
        message: isMessage ? bytes.subarray(5, 5 + length) : bytes.subarray(0, 0),
        hasRetryHint: headers["grpc-status-details-bin"] !== undefined,
        refusal: decodeURIComponent(String(headers["grpc-message"] ?? "")),
      };
    },
  }),
  connect: ({ body, encoding, timeoutMs }) => ({
    path: exportPath("traces"),
    headers: {
      "content-type": "application/proto",
      "content-encoding": encoding,
      "connect-timeout-ms": timeoutMs?.toString(),
    },
    body,
    read: (reply) => {
      if (reply.status === 200) return accepted(reply.body);
      const { code, message } = JSON.parse(reply.body.toString()) as { code: string; message: string };
      return refused(reply, codeFromString(code) ?? -1, message);
    },
  }),
  http: ({ body, encoding }) => ({
    path: "/v1/traces",
    headers: { "content-type": "application/x-protobuf", "content-encoding": encoding },
    body,
    read: (reply) => {
      if (reply.status === 200) return accepted(reply.body);
      const { code, message } = fromBinary(StatusSchema, reply.body);
      return refused(reply, code, message);
    },
  }),
};

function accepted(message: Uint8Array): Answer {
  return { code: 0, message, hasRetryHint: false, refusal: "" };
}

function refused({ headers }: HttpReply, code: number, refusal: string): Answer {
  const hasRetryHint = headers["retry-after"] !== undefined;
  return { code, message: new Uint8Array(), hasRetryHint, refusal };
}

function sendBy(transport: Exclude<Transport, "grpc">, version: HttpVersion): Send {
  return async (t, server, sending) => {
    const { path, headers: own, body, read } = postings[transport](sending);
    const { token } = sending;
    const all = { ...own, authorization: token === undefined ? undefined : `Bearer ${token}` };
    const headers = Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const reply = await sendHttp(t, version, server.url, { path, headers, body });
    if (reply.status === 0) throw new Error("the connection broke");
    return read(reply);
  };
}

const sendGrpc: Send = async (t, server, { body, encoding, token, timeoutMs }) => {
  const headers = {
    "grpc-encoding": encoding ?? "identity",
    ...(timeoutMs && { "grpc-timeout": `${timeoutMs}m` }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  const framed = frame(body, encoding === undefined ? 0 : 1);
  const reply = await call(connectHttp2(t, server), exportPath("traces"), framed, headers);
  if (reply.httpStatus === 0) throw new Error("the connection broke");
  return {
    code: reply.grpcStatus,
    message: reply.body.subarray(5),
    hasRetryHint: reply.headers["grpc-status-details-bin"] !== undefined,
    refusal: reply.grpcMessage,
  };
};

const protocolNames = { "grpc-web": "gRPC-Web", connect: "Connect", http: "OTLP/HTTP" } as const;

/** Every way in for an export: each protocol over each version of HTTP, on the fast path and by Fastify. */
export const ways: readonly Way[] = [true, false].flatMap((fastPath): Way[] => {
  const where = fastPath ? "on the fast path" : "by Fastify";
  const posted = (["grpc-web", "connect", "http"] as const).flatMap((transport) =>
    (["HTTP/1.1", "HTTP/2"] as const).map((version) => ({
      name: `${protocolNames[transport]} over ${version} ${where}`,
      transport,
      fastPath,
      send: sendBy(transport, version),
    })),
  );
  return [{ name: `native gRPC ${where}`, transport: "grpc", fastPath, send: sendGrpc }, ...posted];
});
