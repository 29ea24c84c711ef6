import assert from "node:assert/strict";
import type { IngestOutcome } from "../../src/domain/outcome.ts";
import type { Signal } from "../../src/domain/signal.ts";
import type { Ingest } from "../../src/use-cases/ingest/ingest.ts";
import { type AnyRequest, encode } from "../contract/store-requests.ts";

/** The outcome of a request that is not long. */
export function asShort(ingested: ReturnType<Ingest>): IngestOutcome | Promise<IngestOutcome> {
  if (ingested instanceof Promise || ingested.kind !== "long") return ingested;
  throw new Error("the request is long");
}

/** Ingests bytes of one export request where nothing has to be waited for. */
export function ingestNow(ingest: Ingest, signal: Signal, bytes: Uint8Array): IngestOutcome {
  const outcome = asShort(ingest(signal, [bytes], bytes.byteLength, "grpc"));
  assert.ok(!(outcome instanceof Promise), "the outcome is there at once");
  return outcome;
}

/** Ingests bytes of one export request of any length. */
export async function ingestAll(ingest: Ingest, signal: Signal, bytes: Uint8Array): Promise<IngestOutcome> {
  const ingested = ingest(signal, [bytes], bytes.byteLength, "grpc");
  return "outcome" in ingested ? ingested.outcome : ingested;
}

/** Ingests a request of which every item is to be accepted. */
export function send(
  { core }: { readonly core: { readonly ingest: Ingest } },
  signal: Signal,
  request: AnyRequest,
): void {
  assert.equal(ingestNow(core.ingest, signal, encode(signal, request)).kind, "accepted");
}

/** The same of a request of any length. */
export async function sendAll(
  { core }: { readonly core: { readonly ingest: Ingest } },
  signal: Signal,
  request: AnyRequest,
): Promise<void> {
  assert.equal((await ingestAll(core.ingest, signal, encode(signal, request))).kind, "accepted");
}
