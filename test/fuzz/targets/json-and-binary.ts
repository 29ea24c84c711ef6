import assert from "node:assert/strict";
import { type DescMessage, fromBinary, toJsonString } from "@bufbuild/protobuf";
import { RingStore } from "../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { type Signal, signals } from "../../../src/domain/signal.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../../src/otlp/decode/decode-item.ts";
import { lenientSchema } from "../../../src/otlp/decode/lenient-schema.ts";
import { writeJsonItem, writeJsonRequest } from "../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import type { AppendOutcome } from "../../../src/ports/telemetry-store.ts";
import { mutate } from "../../support/mutate.ts";
import { readJson } from "../../support/read-json.ts";
import { seedRequests } from "../../support/scan-seeds.ts";
import type { FuzzTarget } from "../fuzz-target.ts";
import { signalInput, splitSignalInput } from "../support/signal-input.ts";

/**
 * Damaged requests in protobuf that are accepted: sent as OTLP/JSON, and as protobuf's own JSON in the way of
 * Protobuf-ES, they give the same items and rejections.
 */
export function openTarget(): FuzzTarget {
  const limits = { maxItems: 500, maxBytes: 4 << 20, maxRequestBytes: 1 << 20 };
  const [binary, json] = [new RingStore(limits), new RingStore(limits)];

  function checkJson(signal: Signal, text: string, ids: "hex" | "base64", sent: Kept): void {
    const { bytes, report } = readJson(signal, Buffer.from(text), { ids, isStrict: true });
    const { rejections, omissions, unknownField, warnings } = report;
    assert.deepEqual([rejections, omissions, unknownField, warnings], [[], [], undefined, []]);
    const again = json.append(signal, [bytes], bytes.byteLength);
    assert.ok(again.kind === "kept", "the JSON is refused");
    assert.equal(again.accepted, sent.accepted);
    assert.deepEqual(counts(again), counts(sent));
    const [items, expected] = [itemsOf(json, signal, again), itemsOf(binary, signal, sent)];
    // Protobuf-ES writes -0 as 0.
    if (ids === "base64") assert.deepEqual(withoutSignsOfZeros(items), withoutSignsOfZeros(expected));
    else assert.deepEqual(items, expected);
  }

  return {
    make(random) {
      const signal = random.pick(signals);
      return signalInput(signal, mutate(requestSchemas[signal], seedRequests[signal], random));
    },
    check(input) {
      const { signal, request } = splitSignalInput(input);
      const sent = binary.append(signal, [request], request.byteLength);
      if (sent.kind === "refused") return "refused";
      checkJson(signal, writeJsonRequest(signal, request), "hex", sent);
      const schema: DescMessage = lenientSchema(requestSchemas[signal]);
      const text = toJsonString(schema, fromBinary(schema, request));
      // Ids of these lengths are what hex read as base64 is, so that they are refused.
      const isMisread = /"(?:\w+I|i)d":"(?:[\w+/]{32}|[\w+/]{16})"/.test(text);
      if (!isMisread) checkJson(signal, text, "base64", sent);
      return sent.rejected === 0 ? "kept" : "kept in part";
    },
    verdicts: ["refused", "kept", "kept in part"],
  };
}

type Kept = Extract<AppendOutcome, { kind: "kept" }>;

/** Hex digits of a profile id are told from base64 by their number, so that the length of a wrong one may differ. */
const counts = ({ rejections }: Kept) =>
  rejections.map(({ reason, count }) => [reason.replace(/^(profile_id .*), got \d+$/, "$1"), count]);

const decoders = { traces: decodeSpan, logs: decodeLogRecord, metrics: decodeMetricPoint } as const;

function withoutSignsOfZeros(value: unknown): unknown {
  if (value === 0) return 0;
  if (Array.isArray(value)) return value.map(withoutSignsOfZeros);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutSignsOfZeros(each)]));
}

/** Of a request, as a reader is shown them. */
function itemsOf(store: RingStore, signal: Signal, { firstOrdinal, accepted }: Kept): unknown[] {
  return Array.from({ length: accepted }, (_, i) => {
    const item = store.read(signal, firstOrdinal + i);
    assert.ok(item !== undefined);
    if (signal === "profiles") return writeJsonItem(signal, item);
    const { ordinal: _ordinal, ...shown } = decoders[signal](item);
    // The Collector's JSON does not tell a body that is not set from an empty one.
    return "body" in shown ? { ...shown, body: shown.body ?? null } : shown;
  });
}
