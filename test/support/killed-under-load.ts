import assert from "node:assert/strict";
import { encode, spansOf } from "../contract/store-requests.ts";
import { eventually, query } from "./obsvty.ts";
import { postExport } from "./post-export.ts";
import type { TestServer } from "./server.ts";

export interface KilledUnderLoad {
  /** The ids, in hex, of the spans of requests that were answered with success. */
  readonly acknowledged: ReadonlySet<string>;
  /** Requests that were sent. */
  readonly sent: number;
}

/**
 * Has eight senders send spans to a server while what it hands them on to is killed and comes back, and waits until
 * all is delivered and nothing was missed.
 * @param spansBetween how many are acknowledged before each kill, at least
 * @param killAndStart resolves when what was killed is there again
 */
export async function killUnderLoad(
  server: TestServer,
  sink: string,
  {
    rounds,
    spansBetween,
    killAndStart,
  }: { readonly rounds: number; readonly spansBetween: number; readonly killAndStart: () => Promise<void> },
): Promise<KilledUnderLoad> {
  const acknowledged = new Set<string>();
  let sent = 0;
  let isSending = true;
  const sender = async () => {
    while (isSending) {
      const request = spansOf(5, { seed: ++sent });
      const ids = request.resourceSpans[0]!.scopeSpans[0]!.spans.map(({ spanId }) =>
        Buffer.from(spanId).toString("hex"),
      );
      if ((await postExport(server, "traces", encode("traces", request))) !== 200) continue;
      for (const id of ids) acknowledged.add(id);
    }
  };
  const senders = Array.from({ length: 8 }, sender);
  for (let round = 1; round <= rounds; round++) {
    const before = acknowledged.size;
    await eventually("spans are acknowledged", () => acknowledged.size > before + spansBetween || undefined);
    await killAndStart();
  }
  isSending = false;
  await Promise.all(senders);
  await eventually("all is delivered", async () => {
    const { sinks } = await query(server, "GetStats");
    return sinks[sink].backlogItems === "0" || undefined;
  });
  const { sinks } = await query(server, "GetStats");
  assert.equal(sinks[sink].missed, "0");
  return { acknowledged, sent };
}
