import assert from "node:assert/strict";
import { connect } from "node:net";
import { exportPath } from "../../../src/domain/signal.ts";
import { mutateBytes } from "../../support/mutate.ts";
import type { Random } from "../../support/random.ts";
import { frame } from "../../support/raw-grpc.ts";
import { seedRequests } from "../../support/scan-seeds.ts";
import type { FuzzTarget } from "../fuzz-target.ts";
import { openServer } from "../support/open-server.ts";

/** The preface of HTTP/2, an empty SETTINGS frame, and the PING frame of a client that waits. */
const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from("000000040000000000", "hex"),
  Buffer.from("0000080600000000000102030405060708", "hex"),
]);
/** What is put between the bytes of a request, or in their place. */
const pieces = [
  "\r\n",
  "\r\n\r\n",
  "0\r\n\r\n",
  "\n",
  "\0",
  " ",
  ";ext=1",
  "-1\r\n",
  "ffffffffffffffff\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 3\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Expect: 100-continue\r\n",
  "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
  "content-encoding: gzip\r\n",
  "connect-timeout-ms: 1\r\n",
  "Host: evil.example\r\n",
  "HTTP/1.0",
  "GET http://localhost/health HTTP/1.1\r\n\r\n",
  preface.toString("latin1"),
] as const;

/**
 * Damaged bytes of connections: chunked bodies, pipelined requests, prefaces of HTTP/2. Each connection ends, none
 * is answered with an error of the server, and a sound request is always served.
 */
export async function openTarget(): Promise<FuzzTarget> {
  const { server, assertSound, close } = await openServer({
    REQUEST_TIMEOUT_MS: "1000",
    FIRST_CALL_TIMEOUT_MS: "1000",
    IDLE_TIMEOUT_MS: "1000",
  });
  return {
    make(random) {
      const [damage, request] = anyRequest(random);
      let bytes = request;
      for (let i = damage; i > 0; i--) bytes = mutateHttp(bytes, random);
      return Buffer.concat([Buffer.of(damage), bytes]);
    },
    async check(input) {
      const answer = await exchange(server.port, input.subarray(1));
      const [line = ""] = answer.split("\r\n", 1);
      if (input[0] === 0) assert.match(line, /^HTTP\/1\.1 200 /);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 500 /m);
      await assertSound();
      if (answer === "") return "closed";
      const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(line) ?? [];
      return status ?? "HTTP/2";
    },
    verdicts: ["200", "400", "404", "HTTP/2", "closed"],
    close,
  };
}

type Body = readonly [path: string, type: string, body: Uint8Array];

const bodies: readonly [Body, ...Body[]] = [
  ["/v1/traces", "application/x-protobuf", seedRequests.traces],
  ["/v1/logs", "application/json", Buffer.from('{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}')],
  [exportPath("metrics"), "application/proto", seedRequests.metrics],
  [exportPath("traces"), "application/grpc-web+proto", frame(seedRequests.traces)],
  ["/obsvty.v1.QueryService/GetStats", "application/json", Buffer.from("{}")],
];

/** A sound request, and how often to damage it. */
function anyRequest(random: Random): readonly [damage: number, request: Uint8Array] {
  if (random.below(10) === 0) return [1, preface];
  const [path, type, body] = random.pick(bodies);
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n`;
  const whole = [Buffer.from(`${head}Content-Length: ${body.byteLength}\r\n\r\n`), body];
  const chunked = [Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`), ...chunksOf(body, random)];
  const request = Buffer.concat(random.below(3) === 0 ? whole : chunked);
  const isPipelined = random.below(4) === 0;
  return [random.below(4), isPipelined ? Buffer.concat([request, request]) : request];
}

function chunksOf(body: Uint8Array, random: Random): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < body.byteLength; ) {
    const chunk = body.subarray(at, at + 1 + random.below(300));
    at += chunk.byteLength;
    const extension = random.below(6) === 0 ? ";a=b" : "";
    chunks.push(Buffer.from(`${chunk.byteLength.toString(16)}${extension}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return [...chunks, Buffer.from("0\r\n\r\n")];
}

function mutateHttp(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.below(2) === 0) return mutateBytes(bytes, random);
  // Lines begin where names and chunks do.
  const lines = [...Buffer.from(bytes).toString("latin1").matchAll(/\r\n/g)].map(({ index }) => index + 2);
  const at = lines[random.below(lines.length)] ?? random.below(bytes.byteLength);
  const piece = Buffer.from(random.pick(pieces), "latin1");
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + random.below(3))]);
}

/** Sends the bytes, ends, and gives all that came until the connection closed. */
function exchange(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    // A server that refuses may close before all is sent.
    socket.on("error", () => {});
    socket.on("close", () => resolve(answer));
    socket.end(bytes);
  });
}
