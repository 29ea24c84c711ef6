import assert from "node:assert/strict";
import { RingStore } from "../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { signals } from "../../../src/domain/signal.ts";
import { JsonWriter } from "../../../src/otlp/json/json-writer.ts";
import { TextBuffer } from "../../../src/otlp/json/text-buffer.ts";
import { writeJsonInPieces } from "../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { jsonByObjects } from "../../support/json-oracle/message-to-plain.ts";
import { mutate } from "../../support/mutate.ts";
import { seedRequests } from "../../support/scan-seeds.ts";
import type { FuzzTarget } from "../fuzz-target.ts";
import { signalInput, splitSignalInput } from "../support/signal-input.ts";

/**
 * Damaged requests in protobuf that are accepted: written as OTLP/JSON from their bytes, in pieces, they are what
 * Protobuf-ES decodes them to.
 */
export function openTarget(): FuzzTarget {
  const store = new RingStore({ maxItems: 500, maxBytes: 4 << 20, maxRequestBytes: 1 << 20 });
  const writer = new JsonWriter();
  return {
    make(random) {
      const signal = random.pick(signals);
      return signalInput(signal, mutate(requestSchemas[signal], seedRequests[signal], random));
    },
    check(input) {
      const { signal, request } = splitSignalInput(input);
      if (store.append(signal, [request], request.byteLength).kind === "refused") return "refused";
      const text = new TextBuffer(1 + (request.byteLength % 500));
      let written = "";
      for (const piece of writeJsonInPieces(signal, request, writer, text))
        written += Buffer.from(piece).toString();
      assert.equal(written, jsonByObjects(signal, request));
      return "written";
    },
    verdicts: ["refused", "written"],
  };
}
