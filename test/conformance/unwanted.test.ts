import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import type { ReceiverResources } from "../../src/adapters/inbound/otlp-receiver/receiver-resources.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import type { Awaiting } from "../../src/use-cases/ingest/awaiting.ts";
import type { LongIngest } from "../../src/use-cases/ingest/ingest.ts";
import { type HttpVersion, sendHttp } from "../support/http-call.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { makeTraceRequest } from "../support/otlp.ts";
import { frame } from "../support/raw-grpc.ts";
import type { TestServer } from "../support/server.ts";

// An export waits in queues: to be inflated, to be read from JSON, to be taken in steps. One whose caller has gone
// meanwhile, or whose deadline has passed, must not be kept: the caller sends it again.

const padded = (bytes: number) =>
  toBinary(
    requestSchemas.traces,
    makeTraceRequest({ count: 1, resource: { padding: randomBytes(bytes / 2).toString("hex") } }),
  );
/** One span each. */
const inflating = { queue: "inflating", body: gzipSync(padded(200_000)), encoding: "gzip" } as const;
const scanning = { queue: "scanning", body: padded(400_000) } as const;
const reading = {
  queue: "reading JSON",
  body: Buffer.from(
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${"AAECAwQFBgcICQoLDA0ODw=="}","spanId":"AAECAwQFBgc="}]}]}]}${" ".repeat(300_000)}`,
  ),
} as const;
const readingHexIds = {
  queue: "reading JSON",
  body: Buffer.from(
    `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${"ab".repeat(16)}","spanId":"${"cd".repeat(8)}"}]}]}]}${" ".repeat(300_000)}`,
  ),
} as const;

const empty = Buffer.from(`{}${" ".repeat(300_000)}`);

type Queued = typeof inflating | typeof scanning | typeof reading | typeof readingHexIds;

interface Framing {
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly isFramed: boolean;
  /** The header with the time that the caller waits, and its value for 100 ms; undefined where there is none. */
  readonly deadline: readonly [name: string, value: string] | undefined;
  readonly versions: readonly HttpVersion[];
  readonly queued: readonly Queued[];
}

const rpc = exportPath("traces");
const both = ["HTTP/1.1", "HTTP/2"] as const;
const grpc = { path: rpc, isFramed: true, deadline: ["grpc-timeout", "100m"] } as const;
const connect = { path: rpc, isFramed: false, deadline: ["connect-timeout-ms", "100"] } as const;
const http = { path: "/v1/traces", isFramed: false, deadline: undefined } as const;
const protobuf = [inflating, scanning] as const;
const framings: readonly Framing[] = [
  { ...grpc, name: "native gRPC", type: "application/grpc", versions: ["HTTP/2"], queued: protobuf },
  {
    ...grpc,
    name: "native gRPC in JSON",
    type: "application/grpc+json",
    versions: ["HTTP/2"],
    queued: [reading],
  },
  { ...grpc, name: "gRPC-Web", type: "application/grpc-web+proto", versions: both, queued: protobuf },
  { ...grpc, name: "gRPC-Web in JSON", type: "application/grpc-web+json", versions: both, queued: [reading] },
  { ...connect, name: "Connect", type: "application/proto", versions: both, queued: protobuf },
  { ...connect, name: "Connect in JSON", type: "application/json", versions: both, queued: [reading] },
  { ...http, name: "OTLP/HTTP", type: "application/x-protobuf", versions: both, queued: protobuf },
  { ...http, name: "OTLP/JSON", type: "application/json", versions: both, queued: [readingHexIds] },
];

/** Lets exports wait in each of the queues until their callers do not wait any more. */
function holdQueues(t: TestContext, server: TestServer) {
  const receiver = server.app.getDecorator<ReceiverResources>("receiver");
  const { inflater, jsonEncoder } = receiver;
  const [inflate, encode, ingest] = [
    inflater.inflate.bind(inflater),
    jsonEncoder.encode.bind(jsonEncoder),
    receiver.ingest,
  ];
  let waiting = 0;
  const hold = async (caller: Awaiting | undefined) => {
    waiting++;
    await eventually("nobody waits for the answer", () => caller?.unwanted());
    waiting--;
  };
  const mocks = [
    t.mock.method(inflater, "inflate", async (...sent: Parameters<typeof inflate>) => {
      await hold(sent[3]);
      return inflate(...sent);
    }),
    t.mock.method(jsonEncoder, "encode", async (...sent: Parameters<typeof encode>) => {
      // A large request before it.
      const before = encode(
        "traces",
        { chunks: [empty], byteLength: empty.byteLength },
        "hex",
        () => hold(sent[4]),
        sent[4],
      );
      await Promise.all([before, encode(...sent)]);
    }),
    t.mock.method(receiver, "ingest", (...sent: Parameters<typeof ingest>): LongIngest => {
      const ingested = hold(sent[6]).then(() => {
        const later = ingest(...sent);
        assert.ok(!(later instanceof Promise) && later.kind === "long");
        return later;
      });
      return {
        kind: "long",
        taken: ingested.then(({ taken }) => taken),
        outcome: ingested.then(({ outcome }) => outcome),
      };
    }),
  ];
  return {
    waiting: () => waiting,
    letGo: () => {
      for (const each of mocks) each.mock.restore();
    },
  };
}

for (const fastPath of [true, false]) {
  for (const { name, path, type, isFramed, deadline, versions, queued } of framings) {
    for (const version of versions) {
      const way = `${name} over ${version} ${fastPath ? "on the fast path" : "by Fastify"}`;
      for (const { queue, body, ...compressed } of queued) {
        const start = async (t: TestContext) => {
          const server = await startObsvty(t, { fastPath });
          const encoding = "encoding" in compressed ? compressed.encoding : undefined;
          const headers = {
            "content-type": type,
            ...(isFramed && { te: "trailers" }),
            ...(encoding && { [isFramed ? "grpc-encoding" : "content-encoding"]: encoding }),
          };
          const sent = isFramed ? frame(body, encoding === undefined ? 0 : 1) : body;
          const send = (more: { abort?: AbortSignal; headers?: Readonly<Record<string, string>> } = {}) =>
            sendHttp(t, version, server.url, {
              path,
              body: sent,
              ...more,
              headers: { ...headers, ...more.headers },
            });
          const figures = async () => {
            const { items, accepted, refused } = (await statsOf(server)).traces;
            return { items, accepted, refused };
          };
          const { inflight } = server.app.getDecorator<ReceiverResources>("receiver");
          const settled = () =>
            eventually("the request is over", () => (inflight.held === 0 ? true : undefined));
          return { send, figures, settled, ...holdQueues(t, server) };
        };

        test(`an export by ${way} is not kept when its caller left while it waited, ${queue}`, async (t) => {
          const { send, figures, settled, waiting, letGo } = await start(t);
          const caller = new AbortController();
          const left = assert.rejects(send({ abort: caller.signal }));
          await eventually("the export waits", () => (waiting() > 0 ? true : undefined));
          caller.abort();
          await left;
          await settled();
          assert.deepEqual(await figures(), { items: 0, accepted: 0, refused: 0 });
          letGo();
          assert.equal((await send()).status, 200);
          assert.deepEqual(await figures(), { items: 1, accepted: 1, refused: 0 });
        });

        if (deadline === undefined) continue;
        test(`an export by ${way} is not kept when its deadline passed while it waited, ${queue}`, async (t) => {
          const { send, figures, settled } = await start(t);
          const { status, headers } = await send({ headers: { [deadline[0]]: deadline[1] } });
          assert.equal(Number(headers["grpc-status"] ?? status), isFramed ? 4 : 504);
          await settled();
          assert.deepEqual(await figures(), { items: 0, accepted: 0, refused: 1 });
        });
      }
    }
  }
}
