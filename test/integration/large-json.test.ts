import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportPath } from "../../src/domain/signal.ts";
import { startObsvty, statsOf } from "../support/obsvty.ts";
import type { TestServer } from "../support/server.ts";

// Large JSON requests are encoded in pieces, between which others are served.

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
    test(`a large JSON export by ${name} is answered as a small one is, while others are served`, async (t) => {
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

    test(`a large JSON export by ${name} is refused with the path of the fault when its envelope is wrong`, async (t) => {
      const server = await startObsvty(t);
      const padding = " ".repeat(100_000);
      const reply = await post(server, path, `{"resourceSpans":[5]${padding}}`);
      const { message } = (await reply.json()) as { message: string };
      assert.deepEqual([reply.status, message], [400, "resource_spans[0]: must be an object"]);
    });
  });
}
