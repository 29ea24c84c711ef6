import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { resourceOf, spansWith } from "../contract/store-requests.ts";
import { send } from "./ingest.ts";
import { startObsvty } from "./obsvty.ts";
import type { TestServer } from "./server.ts";

export const traceId = (n: number) => Buffer.alloc(16, n);
export const spanId = (n: number) => Buffer.alloc(8, n);
export const hex = (n: number) => traceId(n).toString("hex");
export const startNano = 1_795_428_000_000_000_000n;

/** Two traces: an order that fails in the bank, which is another service, and a later one that does not. */
export async function startShop(t: TestContext): Promise<TestServer> {
  const server = await startObsvty(t);
  const at = (ms: number, tookMs: number) => ({
    startTimeUnixNano: startNano + BigInt(ms) * 1_000_000n,
    endTimeUnixNano: startNano + BigInt(ms + tookMs) * 1_000_000n,
  });
  const failed = { status: { code: 2, message: "card declined" } } as const;
  const order = {
    traceId: traceId(1),
    spanId: spanId(1),
    name: "POST /checkout",
    kind: 2 as const,
    attributes: [],
  };
  const call = {
    traceId: traceId(1),
    spanId: spanId(2),
    parentSpanId: spanId(1),
    name: "charge",
    kind: 3,
  } as const;
  send(server, "traces", spansWith({ ...order, ...at(0, 100) }, { ...call, ...at(10, 80), ...failed }));
  const bank = spansWith({
    traceId: traceId(1),
    parentSpanId: spanId(2),
    name: "POST /pay",
    ...at(20, 60),
    ...failed,
  });
  bank.resourceSpans[0]!.resource = resourceOf({ "service.name": "bank", "host.name": "b-1" });
  send(server, "traces", bank);
  send(server, "traces", spansWith({ traceId: traceId(2), name: "GET /cart", kind: 2, ...at(60_000, 5) }));
  return server;
}

// biome-ignore lint/suspicious/noExplicitAny: the tests read the JSON as it is
export async function get({ url }: Pick<TestServer, "url">, path: string, status = 200): Promise<any> {
  const response = await fetch(`${url}${path}`, { headers: { "user-agent": "Go-http-client/1.1" } });
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  return JSON.parse(text);
}
