import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { IngestOutcome } from "../../../../src/domain/outcome.ts";
import type { Signal } from "../../../../src/domain/signal.ts";
import { StrictValidator } from "../../../../src/otlp/strict/strict-validator.ts";
import { Arrivals } from "../../../../src/use-cases/ingest/arrivals.ts";
import { createIngest } from "../../../../src/use-cases/ingest/ingest.ts";
import { IngestCounters } from "../../../../src/use-cases/ingest/ingest-counters.ts";
import { FakeStore } from "../../../support/fake-store.ts";
import { readJson } from "../../../support/read-json.ts";

const ids = '"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"';

function spans(...members: string[]): string {
  const list = members.map((member) => `{${member}}`).join();
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[${list}]}]}]}`;
}

function ingestJson(signal: Signal, json: string, isStrict = false) {
  const counters = new IngestCounters();
  const store = new FakeStore({ maxItems: 100, maxBytes: 1_000_000 });
  const strict = isStrict ? new StrictValidator(1_000_000) : undefined;
  const ingest = createIngest({ store, counters, arrivals: new Arrivals(), strict });
  const { bytes, report } = readJson(signal, Buffer.from(json), { isStrict });
  const outcome = ingest(signal, [bytes], bytes.byteLength, "http", report);
  return { outcome: outcome as IngestOutcome, counts: counters.of(signal) };
}

describe("ingesting a request that was encoded from JSON", () => {
  test("ingesting counts and names items that the encoding from JSON rejected", () => {
    const { outcome, counts } = ingestJson("traces", spans(ids, `${ids},"kind":"NEW"`));
    assert.deepEqual(outcome, {
      kind: "partly-accepted",
      items: 1,
      rejected: 1,
      message:
        "1 span rejected: kind must be an enum value's number or name (resource_spans[0].scope_spans[0].spans[1].kind)",
    });
    assert.deepEqual([counts.accepted, counts.rejected], [1, 1]);
  });

  test("ingesting adds the items that the store rejects to those of the encoding from JSON", () => {
    const { outcome } = ingestJson("traces", spans('"kind":"NEW"', ids, "", ""));
    assert.deepEqual([outcome.kind, "rejected" in outcome && outcome.rejected], ["partly-accepted", 3]);
    assert.match("message" in outcome ? outcome.message : "", /^3 spans rejected: kind .*; .*trace id/);
  });

  test("ingesting warns of values that the encoding from JSON left out, and rejects nothing for them", () => {
    const { outcome } = ingestJson(
      "logs",
      '{"resourceLogs":[{"schemaUrl":5,"scopeLogs":[{"logRecords":[{}]}]}]}',
    );
    assert.deepEqual(outcome, {
      kind: "partly-accepted",
      items: 1,
      rejected: 0,
      message: "left out: schema_url must be a string (resource_logs[0].schema_url)",
    });
  });

  for (const [what, json, message] of [
    [
      "another signal's payload",
      '{"resourceLogs":[{}]}',
      'the request leads to no spans; its first unknown field is "resourceLogs", which belongs to /v1/logs',
    ],
    [
      "an early version of OTLP",
      '{"resourceSpans":[{"instrumentationLibrarySpans":[{}]}]}',
      'resource_spans[0] leads to no spans; its first unknown field is "instrumentationLibrarySpans"',
    ],
    [
      "a hostile field name",
      `{"\\u001b[31m${"é".repeat(99)}":1}`,
      `the request leads to no spans; its first unknown field is "?[31m${"?".repeat(59)}"...`,
    ],
  ] as const) {
    test(`ingesting warns of ${what}, and names the first unknown field`, () => {
      assert.deepEqual(ingestJson("traces", json).outcome, {
        kind: "partly-accepted",
        items: 0,
        rejected: 0,
        message,
      });
    });
  }

  test("ingesting says nothing of a log record that lost an id", () => {
    const json = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"-"}]}]}]}';
    assert.deepEqual(ingestJson("logs", json).outcome, { kind: "accepted", items: 1 });
  });

  test("ingesting warns of a log record that lost an id when validation is strict", () => {
    const json = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"-"},{}]}]}]}';
    assert.deepEqual(ingestJson("logs", json, true).outcome, {
      kind: "partly-accepted",
      items: 2,
      rejected: 0,
      message:
        "warnings: trace_id must be a hex string (resource_logs[0].scope_logs[0].log_records[0].trace_id)",
    });
  });

  test("ingesting warns by the positions of the request as it was sent, after items were rejected", () => {
    const { outcome, counts } = ingestJson(
      "traces",
      spans('"kind":"NEW"', `${ids},"kind":77,"name":"a"`),
      true,
    );
    assert.deepEqual(outcome, {
      kind: "partly-accepted",
      items: 1,
      rejected: 1,
      message:
        "1 span rejected: kind must be an enum value's number or name (resource_spans[0].scope_spans[0].spans[0].kind); " +
        "warnings: unknown enum value (resource_spans[0].scope_spans[0].spans[1].kind)",
    });
    assert.deepEqual([counts.accepted, counts.rejected], [1, 1]);
  });
});
