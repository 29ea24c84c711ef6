import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { onClientError } from "../../../../../src/adapters/inbound/responses/client-error.ts";

/** What is written to a socket for an error of Node's HTTP/1.1 server. */
async function answerTo(code: string): Promise<{ status: string; body: { code: string; message: string } }> {
  const socket = new PassThrough();
  onClientError(Object.assign(new Error("of Node"), { code }), socket as unknown as Socket);
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  const [status = "", ...fields] = head.split("\r\n");
  assert.ok(fields.includes(`content-length: ${Buffer.byteLength(body)}`), head);
  return { status, body: JSON.parse(body) };
}

describe("an HTTP/1.1 request that Node refuses is answered with a code that Connect's clients know:", () => {
  for (const [nodeCode, status, code] of [
    ["ERR_HTTP_REQUEST_TIMEOUT", "HTTP/1.1 408 Request Timeout", "deadline_exceeded"],
    ["HPE_HEADER_OVERFLOW", "HTTP/1.1 431 Request Header Fields Too Large", "resource_exhausted"],
    ["HPE_CHUNK_EXTENSIONS_OVERFLOW", "HTTP/1.1 413 Payload Too Large", "resource_exhausted"],
    ["HPE_INVALID_METHOD", "HTTP/1.1 400 Bad Request", "invalid_argument"],
  ] as const) {
    test(`Node's error ${nodeCode} is answered with Connect's code ${code}`, async () => {
      const answer = await answerTo(nodeCode);
      assert.equal(answer.status, status);
      assert.equal(answer.body.code, code);
      assert.notEqual(codeFromString(answer.body.code), undefined);
    });
  }
});

test("a connection whose last answer can never be written is closed", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const socket = new Writable({ write: () => {} });
  onClientError(Object.assign(new Error("of Node"), { code: "HPE_INVALID_EOF_STATE" }), socket as Socket);
  assert.equal(socket.destroyed, false);
  t.mock.timers.runAll();
  assert.equal(socket.destroyed, true);
});
