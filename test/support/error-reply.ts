import type { TestContext } from "node:test";
import { fromBinary, fromJson } from "@bufbuild/protobuf";
import { anyUnpack, durationMs } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { startCall } from "./raw-grpc.ts";
import { connectHttp2, type TestServer } from "./server.ts";

/** An error as a client of one protocol sees it, in terms common to all. */
export interface SeenError {
  readonly http: number;
  /** gRPC's number or Connect's name; undefined when the reply is not of an RPC. */
  readonly code: number | string | undefined;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface ErrorCall {
  readonly path: string;
  /** @default POST */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

type Caller = (t: TestContext, server: TestServer, call: ErrorCall) => Promise<SeenError>;

/** One client for each protocol. What they send is the same but for framing and content type. */
export const callers = {
  grpc: async (t, server, { path, method = "POST", headers, body = new Uint8Array(5) }) => {
    const all = { "content-type": "application/grpc", ":method": method, ...headers };
    const { stream, reply } = startCall(connectHttp2(t, server), path, all);
    stream.end(body);
    const { httpStatus, headers: got, grpcStatus, trailersOnly } = await reply;
    if (!trailersOnly) {
      throw new Error("not Trailers-Only");
    }
    return {
      http: httpStatus,
      code: grpcStatus,
      message: decodeURIComponent(String(got["grpc-message"])),
      retryAfterMs: retryInBin(got["grpc-status-details-bin"]),
      headers: got,
    };
  },
  grpcWeb: async (_t, server, { path, method = "POST", headers, body = new Uint8Array(5) }) => {
    const type = "application/grpc-web+proto";
    const reply = await request(server, path, method, { "content-type": type, ...headers }, body);
    const details = reply.headers.get("grpc-status-details-bin");
    return {
      http: reply.status,
      code: Number(reply.headers.get("grpc-status") ?? -1),
      message: decodeURIComponent(String(reply.headers.get("grpc-message"))),
      retryAfterMs: retryInBin(details ?? undefined),
      headers: Object.fromEntries(reply.headers),
    };
  },
  connect: async (_t, server, { path, method = "POST", headers, body = "{}" }) => {
    const type = { "content-type": "application/json", "connect-protocol-version": "1" };
    const reply = await request(server, path, method, { ...type, ...headers }, body);
    const error = (await reply.json()) as {
      code: string;
      message: string;
      details?: { value: string }[];
    };
    const [detail] = error.details ?? [];
    const retry = detail && fromBinary(RetryInfoSchema, Buffer.from(detail.value, "base64")).retryDelay;
    return {
      http: reply.status,
      code: error.code,
      message: error.message,
      retryAfterMs: retry && durationMs(retry),
      headers: Object.fromEntries(reply.headers),
    };
  },
  otlpProtobuf: (_t, server, call) => otlpHttp(server, "application/x-protobuf", call),
  otlpJson: (_t, server, call) => otlpHttp(server, "application/json", call),
} satisfies Record<string, Caller>;

async function otlpHttp(
  server: TestServer,
  type: string,
  { path, method = "POST", headers, body = "" }: ErrorCall,
): Promise<SeenError> {
  const reply = await request(server, path, method, { "content-type": type, ...headers }, body);
  if (reply.headers.get("content-type") !== type) {
    throw new Error(`answered in ${reply.headers.get("content-type")}`);
  }
  const bytes = await reply.bytes();
  const status =
    type === "application/json"
      ? // The details are an Any, which needs a registry; Retry-After says the same.
        fromJson(StatusSchema, { ...JSON.parse(Buffer.from(bytes).toString()), details: [] })
      : fromBinary(StatusSchema, bytes);
  const retryAfter = reply.headers.get("retry-after");
  return {
    http: reply.status,
    code: status.code,
    message: status.message,
    retryAfterMs: retryAfter === null ? undefined : Number(retryAfter) * 1_000,
    headers: Object.fromEntries(reply.headers),
  };
}

function request(
  server: TestServer,
  path: string,
  method: string,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Promise<Response> {
  const bodyless = method === "GET" || method === "HEAD";
  return fetch(`${server.url}${path}`, {
    method,
    headers,
    ...(!bodyless && { body: Buffer.from(body as string) }),
  });
}

function retryInBin(header: string | string[] | undefined): number | undefined {
  if (header === undefined) {
    return undefined;
  }
  const status: Status = fromBinary(StatusSchema, Buffer.from(String(header), "base64"));
  const [detail] = status.details;
  const retry = detail && anyUnpack(detail, RetryInfoSchema)?.retryDelay;
  return retry && durationMs(retry);
}
