import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import type { IngestOutcome } from "../../src/domain/outcome.ts";
import { connectRaw, fakeCore, startServer } from "../support/server.ts";

const exportHead = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n";
const emptyExport = `${exportHead}content-length: 0\r\n\r\n`;

/** What no answer leads to: the server serves HTTP/2 without an upgrade, and no other protocol. */
const offers = {
  "HTTP/2": "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
  WebSocket: "connection: upgrade\r\nupgrade: websocket\r\n",
};
/** The empty request, as far as it has any bytes: one unknown field of ten bytes. */
const bodies = {
  "an empty body": "content-length: 0\r\n\r\n",
  "a body": "content-length: 12\r\n\r\n\x7a\x0aabcd\r\n\r\nef",
  "a body in chunks": "transfer-encoding: chunked\r\n\r\nc\r\n\x7a\x0aabcd\r\n\r\nef\r\n0\r\n\r\n",
  "a body in small chunks with a trailer":
    "transfer-encoding: chunked\r\n\r\n2\r\n\x7a\x0a\r\n8\r\nab\r\n\r\nef\r\n2\r\ngh\r\n0\r\nx: y\r\n\r\n",
};

const answersIn = (text: string) => text.split(/(?=HTTP\/1\.1 )/);
const answered = (count: number) => new RegExp(`(HTTP/1\\.1 200 .*){${count}}`, "s");

/** Each request is answered, or the last answer says that the connection closes. */
function assertAllKnown(text: string, sent: number): void {
  const answers = answersIn(text);
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 200 /);
  if (answers.length < sent) assert.match(answers.at(-1) ?? "", /^connection: close\r$/im);
}

for (const [protocol, offer] of Object.entries(offers)) {
  for (const [what, body] of Object.entries(bodies)) {
    const offering = `${exportHead}${offer}${body}`;

    describe(`an export with ${what} that offers an upgrade to ${protocol}`, () => {
      if (!what.includes("chunks")) {
        for (const [place, bytes, count] of [
          ["is first on its connection", offering + emptyExport + offering + emptyExport, 4],
          ["comes in the first bytes behind another one", emptyExport + offering + emptyExport, 3],
        ] as const) {
          it(`is answered, and so is all that is pipelined behind it, when it ${place}`, async (t) => {
            const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "0" } });
            const { socket, received } = connectRaw(t, server);
            socket.write(bytes);
            await received(answered(count));
            socket.write(offering + emptyExport);
            await received(answered(count + 2));
            assert.equal(server.core.counters.of("traces").accepted, count + 2);
          });
        }
      }

      it("is answered, and so is what is pipelined behind it, or the connection closes, wherever the bytes are cut", async (t) => {
        const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "0" } });
        const bytes = Buffer.from(offering + emptyExport, "latin1");
        for (let cut = exportHead.length; cut < offering.length + 4; cut++) {
          const { socket, received, untilClosed } = connectRaw(t, server);
          socket.setNoDelay(true);
          socket.write(bytes.subarray(0, cut));
          // An answer to another client shows that the server has read the first part.
          await fetch(`${server.url}/livez`);
          socket.write(bytes.subarray(cut));
          assertAllKnown(await Promise.race([received(answered(2)), untilClosed]), 2);
          socket.destroy();
        }
      });

      it("is answered, and its connection is closed if what is behind it gets no answer, on a connection in use", async (t) => {
        const server = await startServer(t, { settings: { RATE_LIMIT_MAX: "0" } });
        const { socket, received, untilClosed } = connectRaw(t, server);
        socket.write(emptyExport);
        await received(answered(1));
        socket.write(offering + emptyExport);
        const text = await untilClosed;
        assertAllKnown(text, 3);
        assert.equal(answersIn(text).length, server.core.counters.of("traces").accepted);
      });
    });
  }
}

it("an export behind an offered upgrade that closes the connection is not kept without an answer", async (t) => {
  let handedOn = 0;
  const answers: ((outcome: IngestOutcome) => void)[] = [];
  const ingest = () => {
    handedOn += 1;
    return new Promise<IngestOutcome>((resolve) => answers.push(resolve));
  };
  const server = await startServer(t, { core: { ...fakeCore(), ingest } });
  const { socket, received, untilClosed } = connectRaw(t, server);
  socket.write(emptyExport);
  while (answers.length < 1) await fetch(`${server.url}/livez`);
  answers[0]?.({ kind: "accepted", items: 1 });
  await received(answered(1));
  socket.write(`${exportHead}${offers.WebSocket}content-length: 0\r\n\r\n`);
  while (answers.length < 2) await fetch(`${server.url}/livez`);
  socket.write(emptyExport);
  await fetch(`${server.url}/livez`);
  answers[1]?.({ kind: "accepted", items: 1 });
  assert.equal(answersIn(await untilClosed).length, 2);
  assert.equal(handedOn, 2);
});

it("a call of /mcp with a body that offers an upgrade to HTTP/2, as Java's client makes it, is answered", async (t) => {
  const server = await startServer(t);
  const { socket, received } = connectRaw(t, server);
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const head = `POST /mcp HTTP/1.1\r\n${offers["HTTP/2"]}content-length: ${body.length}\r\nhost: localhost\r\n`;
  const accept = "accept: application/json, text/event-stream\r\ncontent-type: application/json\r\n\r\n";
  socket.write(head + accept);
  // Java's client sends the body by itself.
  await once(socket, "ready");
  socket.write(body);
  assert.match(await received(/\r\n\r\n.*\}/s), /^HTTP\/1\.1 200 .*"id":1/s);
});
