import assert from "node:assert/strict";
import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { RingStore } from "../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { faultList } from "../../src/domain/rejection.ts";
import { bySignal, type Signal } from "../../src/domain/signal.ts";
import { decodeLogRecord, decodeMetricPoint, decodeSpan } from "../../src/otlp/decode/decode-item.ts";
import { lenientSchema } from "../../src/otlp/decode/lenient-schema.ts";
import { requestSchemas } from "../../src/otlp/services.ts";
import { parseRequest } from "./fake-store-request.ts";
import { findAll } from "./whole-answers.ts";

/**
 * What the scanner refuses though Protobuf-ES reads over it, by the words of the refusal:
 * docs/sending.md, "What is refused".
 */
const stricterRules = [
  /: length \d+ runs past its parent at byte \d+$/,
  /: value of \d+ bytes runs past its parent at byte \d+$/,
  /: truncated varint at byte \d+$/,
  /: varint of more than 64 bits at byte \d+$/,
  /: groups are not part of OTLP at byte \d+$/,
  /: invalid field number at byte \d+$/,
  /: wire type \d is not that of the field at byte \d+$/,
  /: nested deeper than (64|100) messages at byte \d+$/,
  /: packed values of \d+ bytes in all are not whole at byte \d+$/,
] as const;

export type Verdict = "kept" | "refused by both" | "refused by a stricter rule";

/** Scans requests into one small ring, and holds what comes of them against Protobuf-ES. */
export function createScanOracle() {
  const maxRequestBytes = 1 << 20;
  const store = new RingStore({ maxItems: 500, maxBytes: 4 << 20, maxRequestBytes });

  return (signal: Signal, bytes: Uint8Array): Verdict => {
    const before = store.range(signal);
    const outcome = store.append(signal, [bytes], bytes.byteLength);
    const decoded = tryDecode(signal, bytes);
    if (outcome.kind === "refused") {
      assert.equal(outcome.error.code, "not-the-message");
      assert.deepEqual(store.range(signal), before);
      if (!decoded) return "refused by both";
      // A hint of what the request may be follows.
      const [message = ""] = outcome.error.message.split("; ");
      assert.ok(
        stricterRules.some((rule) => rule.test(message)),
        `Protobuf-ES reads what is refused with "${message}"`,
      );
      return "refused by a stricter rule";
    }
    assert.ok(decoded, "Protobuf-ES cannot read what the scanner accepts");
    const expected = parseRequest(signal, bytes);
    assert.equal(outcome.accepted + outcome.rejected, expected.items.length + expected.rejected);
    // The model knows no rule for profiles.
    if (signal !== "profiles")
      assert.equal(outcome.rejected, expected.rejected, faultList(outcome.rejections));
    const { next } = store.range(signal);
    assert.equal(next, outcome.firstOrdinal + outcome.accepted);
    for (let ordinal = outcome.firstOrdinal; ordinal < next; ordinal++) {
      const item = store.read(signal, ordinal);
      assert.ok(item !== undefined);
      if (signal === "profiles") continue;
      const { service } = decoders[signal](item);
      const window = { from: ordinal, to: ordinal + 1, order: "oldest", limit: 1 } as const;
      const found = findAll(store, signal, { service }, window);
      assert.deepEqual(found, [ordinal], "the index knows another service than the item shows");
    }
    return "kept";
  };
}

const decoders = { traces: decodeSpan, logs: decodeLogRecord, metrics: decodeMetricPoint } as const;

const schemas = bySignal((signal): DescMessage => lenientSchema(requestSchemas[signal]));

function tryDecode(signal: Signal, bytes: Uint8Array): boolean {
  try {
    fromBinary(schemas[signal], bytes);
    return true;
  } catch {
    return false;
  }
}
