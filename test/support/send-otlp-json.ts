import assert from "node:assert/strict";
import { type Signal, signalTraits } from "../../src/domain/signal.ts";

/** Sends an Export request in OTLP/JSON, of which the server has to take everything. */
export async function sendOtlpJson(
  { url }: { readonly url: string },
  signal: Signal,
  request: object,
): Promise<void> {
  const response = await fetch(`${url}${signalTraits[signal].httpPath}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  assert.deepEqual(await response.json(), {});
}
