import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { ReceiverResources } from "../../src/adapters/inbound/otlp-receiver/export-call.ts";
import type { JsonEncoder } from "../../src/adapters/inbound/otlp-receiver/json-encoder.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

// Large JSON requests are encoded on a thread (issue 16, point 1).

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

for (const [name, { path, ids }] of Object.entries(ways)) {
  describe(`a large JSON export by ${name}`, () => {
    test("is answered as a small one is, while others are served", async (t) => {
      const server = await startObsvty(t);
      let isAnswered = false;
      const reply = post(server, path, requestOf(ids, 1_300_000)).finally(() => {
        isAnswered = true;
      });
      let served = 0;
      for (; !isAnswered; served++) assert.equal((await fetch(`${server.url}/livez`)).status, 200);
      const { partialSuccess } = (await (await reply).json()) as {
        partialSuccess: { rejectedSpans: string };
      };
      assert.equal(partialSuccess.rejectedSpans, "1300000");
      assert.equal((await statsOf(server)).traces.accepted, 1);
      assert.ok(served > 0);
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
