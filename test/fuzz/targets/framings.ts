import assert from "node:assert/strict";
import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import { connect } from "node:http2";
import { gunzipSync, gzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { StatusSchema } from "../../../gen/google/rpc/status_pb.ts";
import { ExportTraceServiceResponseSchema } from "../../../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.ts";
import { RingStore } from "../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { exportPath, signalTraits } from "../../../src/domain/signal.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { mutate, mutateBytes } from "../../support/mutate.ts";
import type { Random } from "../../support/random.ts";
import { frame } from "../../support/raw-grpc.ts";
import { seedRequests } from "../../support/scan-seeds.ts";
import type { FuzzTarget } from "../fuzz-target.ts";
import { openServer } from "../support/open-server.ts";

const mostBytes = 64 * 1024;

interface Way {
  readonly type: string;
  readonly path: string;
  /** Whether messages have a prefix, and say themselves whether they are compressed. */
  readonly isPrefixed: boolean;
  readonly encodingHeader: string;
  /** What the protocol calls a body that does not inflate. */
  readonly corrupt: number;
  /** The code of the answer, and the response message when that is 0. */
  readonly read: (headers: IncomingHttpHeaders, body: Buffer) => readonly [code: number, message: Buffer];
}

const ways: readonly Way[] = [
  {
    type: "application/grpc",
    path: exportPath("traces"),
    isPrefixed: true,
    encodingHeader: "grpc-encoding",
    corrupt: 13,
    read: (headers, body) => [Number(headers["grpc-status"] ?? -1), body.subarray(5)],
  },
  {
    type: "application/grpc-web+proto",
    path: exportPath("traces"),
    isPrefixed: true,
    encodingHeader: "grpc-encoding",
    corrupt: 13,
    read(headers, body) {
      if (headers["grpc-status"] !== undefined) return [Number(headers["grpc-status"]), body];
      const end = 5 + body.readUInt32BE(1);
      assert.equal(body.subarray(end + 5).toString(), "grpc-status: 0\r\n");
      return [0, body.subarray(5, end)];
    },
  },
  {
    type: "application/proto",
    path: exportPath("traces"),
    isPrefixed: false,
    encodingHeader: "content-encoding",
    corrupt: 3,
    read: (headers, body) =>
      Number(headers[":status"]) === 200
        ? [0, body]
        : [codeFromString(JSON.parse(body.toString()).code) ?? -1, body.subarray(0, 0)],
  },
  {
    type: "application/x-protobuf",
    path: signalTraits.traces.httpPath,
    isPrefixed: false,
    encodingHeader: "content-encoding",
    corrupt: 3,
    read: (headers, body) =>
      Number(headers[":status"]) === 200
        ? [0, body]
        : [fromBinary(StatusSchema, body).code, body.subarray(0, 0)],
  },
];

/**
 * Damaged bodies of exports by every protocol, against a server: each is answered as its bytes deserve, and what is
 * accepted is counted.
 */
export async function openTarget(): Promise<FuzzTarget> {
  const { server, assertSound, before, close } = await openServer({
    MAX_RECEIVE_MESSAGE_LENGTH: String(mostBytes),
  });
  const session = connect(server.url);
  before(() => session.destroy());
  const store = new RingStore({ maxItems: 100, maxBytes: 1 << 20, maxRequestBytes: mostBytes });

  /** What has to come of a message. */
  const expectedOf = (message: Uint8Array): Expected => {
    const outcome = store.append("traces", [message], message.byteLength);
    return outcome.kind === "refused" ? { code: 3 } : { ...outcome, code: 0 };
  };

  return {
    make: makeInput,
    async check(input) {
      const [wayIndex = 0, isGzip = 0] = input;
      const way = ways[wayIndex % ways.length]!;
      const body = input.subarray(2);
      const encoding = isGzip % 2 === 1 ? "gzip" : undefined;
      const { accepted } = server.core.counters.of("traces");
      const [code, message] = await post(session, way, encoding, body);
      const expected = readBody(way, encoding, body, expectedOf);
      assert.equal(code, expected.code, way.type);
      if (code === 0) {
        const { partialSuccess } = fromBinary(ExportTraceServiceResponseSchema, message);
        assert.equal(Number(partialSuccess?.rejectedSpans ?? 0), expected.rejected);
      }
      assert.equal(server.core.counters.of("traces").accepted - accepted, expected.accepted ?? 0);
      await assertSound();
      return `code ${code}`;
    },
    verdicts: ["code 0", "code 3", "code 8", "code 12", "code 13"],
    close,
  };
}

function makeInput(random: Random): Uint8Array {
  const seed = seedRequests.traces;
  let message = random.below(3) === 0 ? mutate(requestSchemas.traces, seed, random) : seed;
  if (random.below(30) === 0) message = Buffer.alloc(mostBytes + 1);
  const way = random.below(ways.length);
  const isGzip = random.below(2);
  const { isPrefixed } = ways[way]!;
  const isCompressed = isGzip === 1 && (!isPrefixed || random.below(4) > 0);
  let bytes: Uint8Array = isCompressed ? gzipSync(message) : message;
  if (isPrefixed) {
    const head = frame(bytes, isCompressed ? 1 : 0);
    const end = random.below(3) === 0 ? 5 : 0;
    bytes = Buffer.concat([mutateSome(head.subarray(0, end), random), head.subarray(end)]);
    if (random.below(10) === 0) bytes = Buffer.concat([bytes, random.pick([frame(seed), Buffer.alloc(1)])]);
  }
  return Buffer.concat([Buffer.of(way, isGzip), mutateSome(bytes, random)]);
}

function mutateSome(bytes: Uint8Array, random: Random): Uint8Array {
  return random.below(4) === 0 ? mutateBytes(bytes, random) : bytes;
}

interface Expected {
  readonly code: number;
  readonly accepted?: number;
  readonly rejected?: number;
}

/** Takes the message out of a body as the protocols have it, and says what has to come of it. */
function readBody(
  { isPrefixed, corrupt }: Way,
  encoding: string | undefined,
  body: Uint8Array,
  expectedOf: (message: Uint8Array) => Expected,
): Expected {
  let message: Uint8Array = body;
  let isCompressed = encoding !== undefined;
  if (isPrefixed) {
    if (body.byteLength === 0) return { code: 12 };
    if (body.byteLength < 5) return { code: 13 };
    const length = Buffer.from(body).readUInt32BE(1);
    if (length > mostBytes) return { code: 8 };
    if (body.byteLength > mostBytes + 5) return { code: 12 };
    if (body.byteLength < 5 + length) return { code: 13 };
    if (body.byteLength > 5 + length) return { code: 12 };
    const [flags = 0] = body;
    if (flags > 1 || (flags === 1 && encoding === undefined)) return { code: 13 };
    isCompressed = flags === 1;
    message = body.subarray(5);
  }
  if (message.byteLength > mostBytes) return { code: 8 };
  if (!isCompressed) return expectedOf(message);
  // Some clients set the flag of an empty message that they did not compress.
  if (message.byteLength === 0) return expectedOf(message);
  try {
    const { buffer, engine } = gunzip(message);
    return engine.bytesWritten === message.byteLength ? expectedOf(buffer) : { code: corrupt };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? 8 : corrupt };
  }
}

/** What it inflates to, and how many bytes that took. Node's types do not know the option `info`. */
function gunzip(bytes: Uint8Array): {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
} {
  return gunzipSync(bytes, { maxOutputLength: mostBytes, info: true }) as never;
}

function post(
  session: ClientHttp2Session,
  { type, path, encodingHeader, read }: Way,
  encoding: string | undefined,
  body: Uint8Array,
): Promise<readonly [code: number, message: Buffer]> {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": type,
    ...(encoding !== undefined && { [encodingHeader]: encoding }),
  });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    const note = (received: IncomingHttpHeaders) => {
      headers = { ...headers, ...received };
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("close", () => {
      try {
        resolve(read(headers, Buffer.concat(chunks)));
      } catch (error) {
        reject(error);
      }
    });
    stream.end(body);
  });
}
