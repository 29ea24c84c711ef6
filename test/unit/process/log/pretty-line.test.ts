import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createPrettify } from "../../../../src/process/log/pretty-line.ts";

/** What people read of a record, without its time. */
function read(fields: Readonly<Record<string, string | number>>, level = 40): string {
  return createPrettify(false)({ level, time: 0, pid: 7, hostname: "h", ...fields }).replace(
    /^\[[^\]]*\] /,
    "",
  );
}

describe("the log for people tells in one line", () => {
  test("the log for people tells of a request that is refused in one line", () => {
    const fields = { code: "unknown-method", protocol: "otlp-http", method: "POST", path: "/v1/trace" };
    const reason = "no such path; OTLP/HTTP goes to /v1/traces";
    assert.equal(
      read({ ...fields, remote: "127.0.0.1", reason, msg: "refused" }),
      `WARN (7): refused POST /v1/trace: ${reason} (otlp-http, 127.0.0.1)\n`,
    );
  });

  test("the log for people tells of a sink that fails in one line, by the code of its failure", () => {
    const fields = { sink: "otlp", signal: "metrics", code: "ECONNREFUSED" };
    assert.match(
      read({ ...fields, msg: "the sink takes no items now" }),
      /^WARN \(7\): the sink takes no items now: ECONNREFUSED \(metrics\)\n/,
    );
  });

  test("the log for people tells of rejected items in one line", () => {
    const fields = { signal: "traces", protocol: "grpc", remote: "::1", rejected: 1 };
    assert.equal(
      read({ ...fields, reason: "1 span rejected: no id", msg: "items rejected" }),
      "WARN (7): items rejected: 1 span rejected: no id (traces, grpc, ::1)\n",
    );
  });

  test("the log for people tells of a handshake that fails in one line, with the hint", () => {
    const fields = { remote: "::1", reason: "no certificate", hint: "one is asked for" };
    assert.equal(
      read({ ...fields, msg: "TLS handshake failed" }),
      "WARN (7): TLS handshake failed: no certificate; one is asked for (::1)\n",
    );
  });

  test("the log for people tells of an event without fields, and of a signal that stops the server, in one line", () => {
    assert.equal(read({ msg: "stopped" }, 30), "INFO (7): stopped\n");
    assert.equal(read({ signal: "SIGTERM", msg: "stopping" }, 30), "INFO (7): stopping (SIGTERM)\n");
  });
});

test("the log for people has sizes in MiB and GiB, and other fields below the line", () => {
  const fields = { grpc: "0.0.0.0:4317", maxBufferBytes: 2 ** 28, memoryBytes: 11.77 * 2 ** 30 };
  assert.equal(
    read({ ...fields, msg: "listening" }, 30),
    'INFO (7): listening\n    grpc: "0.0.0.0:4317"\n    maxBufferBytes: 256 MiB\n    memoryBytes: 11.8 GiB\n',
  );
});
