import assert from "node:assert/strict";
import type { IngestOutcome } from "../../src/domain/outcome.ts";
import type { Signal } from "../../src/domain/signal.ts";
import type { Ingest } from "../../src/use-cases/ingest/ingest.ts";
import { type AnyRequest, encode } from "../contract/store-requests.ts";

/** Ingests bytes of one export request where nothing has to be waited for. */
export function ingestNow(ingest: Ingest, signal: Signal, bytes: Uint8Array): IngestOutcome {
  const outcome = ingest(signal, [bytes], bytes.byteLength, "grpc");
  assert.ok(!(outcome instanceof Promise), "the outcome is there at once");
  return outcome;
}

/** Ingests a request of which every item is to be accepted. */
export function send(
  { core }: { readonly core: { readonly ingest: Ingest } },
  signal: Signal,
  request: AnyRequest,
): void {
  assert.equal(ingestNow(core.ingest, signal, encode(signal, request)).kind, "accepted");
}
