import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { exportPath, signalTraits } from "../../../src/domain/signal.ts";
import { frame } from "../../support/raw-grpc.ts";
import { type Attack, type AttackTarget, openHttp2, type Post, post } from "./attack.ts";
import { logsOf, textLog } from "./bodies.ts";

// Requests that cost the server far more than they cost their sender.

const messageBytes = 4 * 2 ** 20 - 64;
const logs = signalTraits.logs.httpPath;
const rpc = exportPath("logs");

/** The same gzip bytes in every protocol. */
function inEveryProtocol(compressed: Uint8Array): readonly Post[] {
  const gzip = { "content-encoding": "gzip" };
  const grpcGzip = { "grpc-encoding": "gzip" };
  const prefixed = frame(compressed, 1);
  return [
    { path: rpc, contentType: "application/proto", body: compressed, headers: gzip },
    { path: rpc, contentType: "application/grpc-web+proto", body: prefixed, headers: grpcGzip },
    { path: rpc, contentType: "application/grpc", body: prefixed, headers: grpcGzip },
    { path: logs, contentType: "application/x-protobuf", body: compressed, headers: gzip },
  ];
}

/** 4 KB of gzip that inflate to 2 million empty items. */
export const emptyItems: Attack = async (target) => {
  const items = Buffer.alloc(messageBytes - 64, Buffer.of(0x12, 0));
  await postAll(target, repeat(15, inEveryProtocol(gzipSync(logsOf(items)))));
};

/** 1.39 million empty objects of JSON. */
export const emptyObjects: Attack = async (target) => {
  const objects = `${"{},".repeat(1_390_000)}{}`;
  const body = Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${objects}]}]}]}`);
  const contentType = "application/json";
  const posts = [rpc, logs].map((path) => ({ path, contentType, body }));
  await postAll(target, repeat(5, posts));
};

/** 250 calls at once of 37 KB of gzip, each of which inflates to 4 MiB. */
export const inflating: Attack = async (target) => {
  const text = Buffer.alloc(messageBytes, "a");
  text.set(Buffer.from(randomBytes(25_000).toString("base64")));
  await postAll(target, repeat(63, inEveryProtocol(gzipSync(textLog(text)))));
};

function repeat<T>(times: number, values: readonly T[]): readonly T[] {
  return Array.from({ length: times }, () => values).flat();
}

async function postAll(target: AttackTarget, posts: readonly Post[]): Promise<void> {
  const session = openHttp2(target);
  await Promise.all(posts.map((each) => post(session, each)));
  session.destroy();
}
