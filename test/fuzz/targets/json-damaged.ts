import assert from "node:assert/strict";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { RingStore } from "../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { ObsvtyError } from "../../../src/domain/errors.ts";
import { faultList } from "../../../src/domain/rejection.ts";
import { bySignal, type Signal, signals } from "../../../src/domain/signal.ts";
import { lenientSchema } from "../../../src/otlp/decode/lenient-schema.ts";
import type { EncodedRequest } from "../../../src/otlp/json/encoding-report.ts";
import { writeJsonRequest } from "../../../src/otlp/json/write-request.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { canary, mutateJson } from "../../support/mutate-json.ts";
import { readJson } from "../../support/read-json.ts";
import { seedRequests } from "../../support/scan-seeds.ts";
import type { FuzzTarget } from "../fuzz-target.ts";
import { signalInput, splitSignalInput } from "../support/signal-input.ts";

/**
 * Damaged OTLP/JSON: whatever is encoded of it is accepted by the scanner, each item in it is either kept or rejected,
 * strict and lenient reading give the same request, and no value of it comes back in an error.
 */
export function openTarget(): FuzzTarget {
  const store = new RingStore({ maxItems: 500, maxBytes: 4 << 20, maxRequestBytes: 1 << 20 });
  const seeds = bySignal((signal) => writeJsonRequest(signal, seedRequests[signal]));
  return {
    make(random) {
      const signal = random.pick(signals);
      return signalInput(signal, mutateJson(seeds[signal], random));
    },
    check(input) {
      const { signal, request } = splitSignalInput(input);
      const read = tryEncode(signal, request, false);
      const strict = tryEncode(signal, request, true);
      if (read instanceof ObsvtyError || strict instanceof ObsvtyError) {
        assert.ok(read instanceof ObsvtyError && strict instanceof ObsvtyError);
        assert.deepEqual([read.code, read.message], ["not-the-message", strict.message]);
        assertTellable(read.message);
        assert.equal(isJson(request), !read.message.startsWith("not JSON"));
        return read.message.startsWith("not JSON") ? "not JSON" : "refused";
      }
      assert.deepEqual(inOrder(signal, strict.bytes), inOrder(signal, read.bytes));
      const { rejections, omissions } = read.report;
      for (const faults of [rejections, omissions, strict.report.warnings]) assertTellable(faultList(faults));
      const kept = store.append(signal, [read.bytes], read.bytes.byteLength);
      assert.ok(kept.kind === "kept", "what is encoded is refused");
      const rejected = rejections.reduce((sum, { count }) => sum + count, 0);
      assert.equal(kept.accepted + kept.rejected + rejected, itemsIn(signal, JSON.parse(textOf(request))));
      return rejected === 0 ? "kept" : "kept in part";
    },
    verdicts: ["not JSON", "refused", "kept", "kept in part"],
  };
}

/** Where something is odd, what leads to items is encoded last, and only strict reading looks for unknown fields. */
function inOrder(signal: Signal, bytes: Uint8Array): Uint8Array {
  const schema: DescMessage = lenientSchema(requestSchemas[signal]);
  return toBinary(schema, fromBinary(schema, bytes));
}

function tryEncode(signal: Signal, json: Uint8Array, isStrict: boolean): EncodedRequest | ObsvtyError {
  try {
    return readJson(signal, json, { ids: "hex", isStrict });
  } catch (error) {
    if (error instanceof ObsvtyError) return error;
    throw error;
  }
}

/** An answer and a line of the log can hold it, and it tells nothing of the content. */
function assertTellable(message: string): void {
  assert.ok(message.length < 40_000, `${message.length} characters`);
  assert.ok(!message.includes(canary), message);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
  assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
}

const textOf = (utf8: Uint8Array) => new TextDecoder().decode(utf8);

function isJson(utf8: Uint8Array): boolean {
  try {
    JSON.parse(textOf(utf8));
    return true;
  } catch {
    return false;
  }
}

/** The way to the items of each signal, by the names of the lists. */
const lists: Readonly<Record<Signal, readonly (readonly string[])[]>> = {
  traces: [["resourceSpans", "resource_spans"], ["scopeSpans", "scope_spans"], ["spans"]],
  logs: [
    ["resourceLogs", "resource_logs"],
    ["scopeLogs", "scope_logs"],
    ["logRecords", "log_records"],
  ],
  metrics: [
    ["resourceMetrics", "resource_metrics"],
    ["scopeMetrics", "scope_metrics"],
    ["metrics"],
    ["gauge", "sum", "histogram", "exponentialHistogram", "exponential_histogram", "summary"],
    ["dataPoints", "data_points"],
  ],
  profiles: [["resourceProfiles", "resource_profiles"], ["scopeProfiles", "scope_profiles"], ["profiles"]],
};

function itemsIn(signal: Signal, request: unknown): number {
  let found = [request];
  for (const names of lists[signal]) {
    found = found.flatMap((value) =>
      Object.entries(value as object)
        .filter(([name]) => names.includes(name))
        .flatMap(([, inner]) => [inner].flat())
        .filter((inner) => typeof inner === "object" && inner !== null),
    );
  }
  return found.length;
}
