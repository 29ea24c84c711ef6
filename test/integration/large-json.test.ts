import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { ReceiverResources } from "../../src/adapters/inbound/otlp-receiver/export-call.ts";
import type { JsonEncoder } from "../../src/adapters/inbound/otlp-receiver/json-encoder.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { encodeJsonRequest } from "../../src/otlp/json/encode-request.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

// Issue 16, point 1: the event loop must not stand still while a large JSON request is encoded.

const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");
const hex = { traceId: "5b8efff798038103d269b633813fc60c", spanId: "eee19b7ec3c1b174" };

/** A request of spans, the last of which is valid. */
function requestOf(ids: typeof hex, emptySpans: number): string {
  const spans = `${"{},".repeat(emptySpans)}${JSON.stringify(ids)}`;
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`;
}

const ways = {
  "OTLP/HTTP": { path: "/v1/traces", ids: hex },
  Connect: {
    path: exportPath("traces"),
    ids: { traceId: base64(hex.traceId), spanId: base64(hex.spanId) },
  },
};

const post = (server: TestServer, path: string, body: string) =>
  fetch(server.url + path, { method: "POST", headers: { "content-type": "application/json" }, body });

/** The longest time between two turns of the event loop until the promise settles. */
async function longestTurnMs(settled: Promise<unknown>): Promise<number> {
  let isSettled = false;
  void settled.finally(() => {
    isSettled = true;
  });
  let longest = 0;
  let last = performance.now();
  while (!isSettled) {
    await turn();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}

for (const [name, { path, ids }] of Object.entries(ways)) {
  describe(`a large JSON export by ${name}`, () => {
    test("is encoded beside the event loop", async (t) => {
      const server = await startObsvty(t);
      const body = requestOf(ids, 1_300_000);
      // The thread starts, and what is compiled on first use is compiled.
      assert.equal((await post(server, path, requestOf(ids, 50_000))).status, 200);
      const bytes = Buffer.from(body);
      const startMs = performance.now();
      encodeJsonRequest("traces", bytes, name === "Connect" ? "base64" : "hex");
      const onTheSpotMs = performance.now() - startMs;
      const reply = post(server, path, body);
      const longest = await longestTurnMs(reply);
      const { partialSuccess } = (await (await reply).json()) as {
        partialSuccess: { rejectedSpans: string };
      };
      assert.equal(partialSuccess.rejectedSpans, "1300000");
      assert.equal((await statsOf(server)).traces.accepted, 2);
      assert.ok(longest < onTheSpotMs / 2, `${longest} ms at once, ${onTheSpotMs} ms on the spot`);
    });

    test("is refused with the path of the fault when its envelope is wrong", async (t) => {
      const server = await startObsvty(t);
      const padding = " ".repeat(100_000);
      const reply = await post(server, path, `{"resourceSpans":[5]${padding}}`);
      const { message } = (await reply.json()) as { message: string };
      assert.deepEqual([reply.status, message], [400, "resource_spans[0]: must be an object"]);
    });
  });
}

async function encoderOf(t: TestContext): Promise<{ server: TestServer; encoder: JsonEncoder }> {
  const server = await startObsvty(t);
  return { server, encoder: server.app.getDecorator<ReceiverResources>("receiver").jsonEncoder };
}

test("large JSON exports are encoded by a new thread when the first has ended", async (t) => {
  const { server, encoder } = await encoderOf(t);
  const body = requestOf(hex, 50_000);
  for (let i = 0; i < 2; i++) {
    assert.equal((await post(server, "/v1/traces", body)).status, 200);
    await encoder.close();
  }
});

test("a large JSON export whose thread ends is refused with a retry hint", async (t) => {
  const { encoder } = await encoderOf(t);
  const json = Buffer.from(requestOf(hex, 500_000));
  const encoded = encoder.encode("traces", { chunks: [json], byteLength: json.byteLength }, "hex");
  let isSettled = false;
  const refused = assert
    .rejects(Promise.resolve(encoded), { code: "overloaded", retryAfterMs: 1000 })
    .finally(() => {
      isSettled = true;
    });
  // As soon as it has one.
  while (!isSettled) {
    await encoder.close();
    await turn();
  }
  await refused;
});
