import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http";
import { test } from "node:test";
import { ExportReport } from "../../../../src/adapters/inbound/otlp-receiver/export-report.ts";
import { otlpHttpJson } from "../../../../src/adapters/inbound/otlp-receiver/framings/http-body.ts";
import { RequestLog } from "../../../../src/testing/internal/request-log.ts";

function add(log: RequestLog, headers: IncomingHttpHeaders): void {
  const peer = {} as ExportReport["caller"]["peer"];
  const caller = { method: "POST", url: "/v1/traces?x=1", httpVersionMajor: 1, headers, peer };
  new ExportReport("traces", otlpHttpJson, caller, log.add).received({ kind: "accepted", items: 1 });
}

test("the log of requests keeps the newest thousand", () => {
  const log = new RequestLog();
  for (let i = 0; i < 1_500; i++) add(log, { n: String(i) });
  assert.equal(log.requests.length, 1_000);
  assert.equal(log.requests.at(-1)?.headers.n, "1499");
});

test("the log of requests keeps headers of a million characters at most", () => {
  const log = new RequestLog();
  for (let i = 0; i < 500; i++) add(log, { n: "x".repeat(16_384) });
  assert.equal(log.requests.length, 63);
});

test("the log of requests shows nothing of a token, whatever its scheme", () => {
  const log = new RequestLog();
  for (const authorization of ["Bearer s3cret", "s3cret", "s3cret=", "Basic s3cret:s3cret"]) {
    add(log, { authorization });
  }
  const shown = log.requests.map(({ headers }) => headers.authorization);
  assert.deepEqual(shown, ["Bearer ***", "***", "***", "Basic ***"]);
  assert.equal(log.requests[0]?.path, "/v1/traces");
});
