import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createAuthority, writeCertificate, writeTestFile } from "../support/certificates.ts";
import { eventually } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import { postExport } from "../support/post-export.ts";
import { assertStartRefused, type Running, run, untilListening } from "../support/server-process.ts";
import { traceRequest, validSpanFields } from "../support/wire.ts";

/** A port of loopback on which nothing listens: reserved, and used by no program. */
const nobody = "http://127.0.0.1:1";

function sendSpan(address: string): Promise<number> {
  return postExport({ url: `http://${address}` }, "traces", traceRequest(validSpanFields));
}

/** What the server logs of its end, as [level, message]. */
function lastLines({ output }: Running): string[] {
  return output()
    .split("\n")
    .filter((line) => /not handed on|closing|stopped/.test(line));
}

describe("a server that is set up to forward", () => {
  const files = (name: string) => ({
    FORWARD_OTLP_ENDPOINT: "https://127.0.0.1:1",
    [name]: "/nowhere/a.pem",
  });
  for (const [what, settings, pattern] of [
    [
      "a bad endpoint",
      { FORWARD_OTLP_ENDPOINT: "http://u:s3cret@h" },
      /^FORWARD_OTLP_ENDPOINT: the value given/,
    ],
    ["bad header fields", { FORWARD_OTLP_HEADERS: "s3cret" }, /^FORWARD_OTLP_HEADERS: the value given/],
    [
      "no file of authorities",
      files("FORWARD_OTLP_CA_FILE"),
      /^FORWARD_OTLP_CA_FILE: "\/nowhere\/a.pem" cannot be read \(ENOENT\)$/,
    ],
  ] as const) {
    test(`forwarding stops the start with one line and exit code 1 for ${what}`, async (t) => {
      await assertStartRefused(t, settings, pattern);
    });
  }

  test("forwarding with a key that is not the certificate's stops the start", async (t) => {
    const authority = createAuthority("an authority");
    const { TLS_CERT_FILE } = writeCertificate(t, authority.issue("one"));
    const running = run(t, {
      FORWARD_OTLP_ENDPOINT: "https://127.0.0.1:1",
      FORWARD_OTLP_CERT_FILE: TLS_CERT_FILE,
      FORWARD_OTLP_KEY_FILE: writeTestFile(t, "other.key", authority.issue("another").key),
    });
    assert.deepEqual(await running.ended, [1, null]);
    assert.match(
      running.output(),
      /^obsvty: FORWARD_OTLP_KEY_FILE: .* is not the key of the certificate in FORWARD_OTLP_CERT_FILE\n$/,
    );
  });

  test("a server that forwards starts and serves without an upstream; what is left at the stop is told, and is no failure", async (t) => {
    const running = run(t, { FORWARD_OTLP_ENDPOINT: nobody, SHUTDOWN_GRACE_MS: "300" });
    assert.equal(await sendSpan(await untilListening(running)), 200);
    running.child.kill("SIGTERM");
    assert.deepEqual(await running.ended, [0, null]);
    const lines = lastLines(running);
    assert.equal(lines.length, 2);
    assert.match(lines[0]!, /"level":40,.*not handed on when the grace ran out: 1 \(\d+ bytes\) for otlp"/);
  });

  test("a stop with items left that were promised to a sink has exit code 1, and one line says so", async (t) => {
    const running = run(t, {
      FORWARD_OTLP_ENDPOINT: nobody,
      FORWARD_OTLP_POLICY: "lossless",
      SHUTDOWN_GRACE_MS: "300",
    });
    assert.equal(await sendSpan(await untilListening(running)), 200);
    running.child.kill("SIGTERM");
    assert.deepEqual(await running.ended, [1, null]);
    const lines = lastLines(running);
    assert.equal(lines.length, 2);
    assert.match(
      lines[0]!,
      /"level":50,.*"msg":"items that were not handed on when the grace ran out: 1 \(\d+ bytes\) for otlp"/,
    );
  });

  test("a stop answers the exports that wait for a sink to confirm them", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = () => undefined;
    const running = run(t, {
      FORWARD_OTLP_ENDPOINT: String(upstream.url),
      FORWARD_OTLP_POLICY: "confirmed",
    });
    const answer = sendSpan(await untilListening(running));
    await eventually("the upstream has it, and does not answer", () => upstream.received[0]);
    running.child.kill("SIGTERM");
    await eventually("the server stops", () => /"stopping"/.test(running.output()) || undefined);
    upstream.answer = () => ({});
    await upstream.stop();
    await upstream.start();
    assert.equal(await answer, 200);
    assert.deepEqual(await running.ended, [0, null]);
    assert.equal(upstream.takenBytes("traces").length, 1);
  });

  test("a server that stops hands on what is left within the grace, when the upstream comes back", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    const FORWARD_OTLP_ENDPOINT = String(upstream.url);
    await upstream.stop();
    const running = run(t, { FORWARD_OTLP_ENDPOINT, FORWARD_OTLP_POLICY: "lossless" });
    assert.equal(await sendSpan(await untilListening(running)), 200);
    await eventually("a try failed", () => /takes no items now/.test(running.output()) || undefined);
    running.child.kill("SIGTERM");
    await eventually("it stops", () => /"stopping"/.test(running.output()) || undefined);
    await upstream.start();
    assert.deepEqual(await running.ended, [0, null]);
    assert.equal(upstream.takenBytes("traces").length, 1);
  });
});
