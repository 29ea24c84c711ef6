import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import { runHere } from "../support/cli.ts";
import { eventually, query, startObsvty } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import { postExport } from "../support/post-export.ts";
import type { TestServer } from "../support/server.ts";

/** A server whose sink has taken 4 of 5 spans, and has not taken 3 log records yet. */
async function startWithBacklog(t: TestContext): Promise<TestServer> {
  const upstream = await new OtlpUpstream(t, "grpc").start();
  upstream.answer = ({ signal }) =>
    signal === "traces" ? { rejected: 1 } : { grpcStatus: 14, headers: { "grpc-message": "s3cret" } };
  const server = await startObsvty(t, {
    settings: { FORWARD_OTLP_ENDPOINT: String(upstream.url), FORWARD_OTLP_POLICY: "lossless" },
  });
  assert.equal(await postExport(server, "traces", encode("traces", spansOf(5))), 200);
  assert.equal(await postExport(server, "logs", encode("logs", requestOf("logs", 3))), 200);
  await eventually("the spans are there, the log records failed", async () => {
    const { sinks } = await query(server, "GetStats");
    return (sinks.otlp.delivered === "4" && sinks.otlp.state === "failing") || undefined;
  });
  return server;
}

describe("how handing on goes", () => {
  test("the state of a sink stands in /health, by the code of the last failure and not in the upstream's words", async (t) => {
    const server = await startWithBacklog(t);
    const text = await (await fetch(`${server.url}/health`)).text();
    assert.ok(!text.includes("s3cret"));
    const { otlp } = JSON.parse(text).sinks;
    const { backlogBytes, oldestSeconds, retried, lastFailureTime, ...rest } = otlp;
    assert.deepEqual(rest, {
      state: "failing",
      policy: "lossless",
      backlogItems: 3,
      delivered: 4,
      missed: 0,
      refused: 1,
      lastFailure: "UNAVAILABLE",
    });
    assert.ok(backlogBytes > 100 && retried > 0 && oldestSeconds >= 0);
    assert.ok(Math.abs(Date.parse(lastFailureTime) - Date.now()) < 60_000);
  });

  test("the state of a sink is refusing, not ok, while the other end refuses all for good, until it takes something", async (t) => {
    const upstream = await new OtlpUpstream(t, "http/protobuf").start();
    upstream.answer = () => ({ httpStatus: 404 });
    const server = await startObsvty(t, {
      settings: {
        FORWARD_OTLP_ENDPOINT: String(upstream.url),
        FORWARD_OTLP_PROTOCOL: "http/protobuf",
      },
    });
    const isIn = (state: string, refused: number) =>
      eventually(`the sink is ${state}`, async () => {
        const { sinks } = JSON.parse(await (await fetch(`${server.url}/health`)).text());
        return (sinks.otlp.state === state && sinks.otlp.refused === refused) || undefined;
      });
    assert.equal(await postExport(server, "traces", encode("traces", spansOf(5))), 200);
    await isIn("refusing", 5);
    const { sinks } = await query(server, "GetStats");
    assert.equal(sinks.otlp.state, "refusing");
    assert.match(
      (await runHere(server, ["health", "--text"])).stdout,
      /otlp: refusing, .*HTTP 404 at [\d:.]+$/m,
    );
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(metrics, /^obsvty_sink_refusing\{sink="otlp",signal="traces"[^}]*\} 1$/m);
    upstream.answer = () => ({});
    assert.equal(await postExport(server, "traces", encode("traces", spansOf(2))), 200);
    await isIn("ok", 5);
  });

  test("handing on counts each export once, and apart those that were kept and not confirmed", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    const server = await startObsvty(t, {
      settings: { FORWARD_OTLP_ENDPOINT: String(upstream.url), FORWARD_OTLP_POLICY: "confirmed" },
    });
    const send = () => postExport(server, "traces", encode("traces", spansOf(5)));
    assert.equal(await send(), 200);
    upstream.answer = () => ({ rejected: 2 });
    assert.equal(await send(), 200);
    upstream.answer = () => ({ grpcStatus: 3 });
    assert.equal(await send(), 400);
    assert.equal(await postExport(server, "traces", Buffer.from([0xff])), 400);
    const { accepted, rejected, refused, unconfirmed } = (await query(server, "GetStats")).signals.traces;
    assert.deepEqual(
      { accepted, rejected, refused, unconfirmed },
      { accepted: "15", rejected: "0", refused: "1", unconfirmed: "1" },
    );
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const outcomes = [...text.matchAll(/^otelcol_receiver_requests\{(.*)\} ([1-9].*)$/gm)].map(
      ([, labels, count]) => [/outcome="(\w+)",reason="([\w-]*)"/.exec(labels!)?.slice(1).join(" "), count],
    );
    assert.deepEqual(Object.fromEntries(outcomes), {
      "success ": "1",
      "partial_success ": "1",
      "unconfirmed sink-refused": "1",
      "refused not-the-message": "1",
    });
  });

  test("the state of handing on stands in /metrics by sink and signal", async (t) => {
    const server = await startWithBacklog(t);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const sample = (name: string, signal: string) =>
      new RegExp(`^${name}\\{sink="otlp",signal="${signal}"[^}]*\\} (.+)$`, "m").exec(text)?.[1];
    assert.deepEqual(
      ["failing", "backlog_items", "delivered_items_total", "refused_items_total", "missed_items_total"].map(
        (name) => ["traces", "logs", "profiles"].map((signal) => sample(`obsvty_sink_${name}`, signal)),
      ),
      [
        ["0", "1", "0"],
        ["0", "3", "0"],
        ["4", "0", "0"],
        ["1", "0", "0"],
        ["0", "0", "0"],
      ],
    );
    assert.ok(Number(sample("obsvty_sink_backlog_bytes", "logs")) > 100);
    assert.ok(Number(sample("obsvty_sink_retries_total", "logs")) > 0);
    assert.match(
      text,
      /obsvty_sink_last_failure_timestamp_seconds\{sink="otlp",signal="logs",code="UNAVAILABLE"\} \d+/,
    );
    assert.ok(!text.includes("s3cret"));
  });

  test("the state of handing on stands in GetStats, and in what obsvty stats and obsvty health print", async (t) => {
    const server = await startWithBacklog(t);
    const { sinks } = await query(server, "GetStats");
    const { policy, state, backlogItems, delivered, refused, lastFailure } = sinks.otlp;
    assert.deepEqual(
      [policy, state, backlogItems, delivered, refused, lastFailure],
      ["lossless", "failing", "3", "4", "1", "UNAVAILABLE"],
    );
    const { stdout: stats } = await runHere(server, ["stats"], { columns: 140 });
    assert.match(
      stats,
      /\n\nsink +policy +state +backlog .*\notlp +lossless +failing +3 .* 4 +\d+ +0 +1 +UNAVAILABLE at \d\d:\d\d:\d\d\.\d{3}\n$/,
    );
    const { code, stderr, stdout: health } = await runHere(server, ["health"], { columns: 140 });
    assert.deepEqual([code, stderr], [0, "obsvty: the sink otlp (lossless) is failing\n"]);
    assert.equal((await runHere(server, ["health", "--sinks"])).code, 1);
    assert.match(
      health,
      /^ok, version .*\notlp: failing, 3 items to hand on \(.*\), 0 missed, last failure UNAVAILABLE at \d\d:\d\d:\d\d\.\d{3}\n$/,
    );
  });

  test("handing on is not spoken of when nothing is handed on", async (t) => {
    const server = await startObsvty(t);
    assert.ok(!(await (await fetch(`${server.url}/health`)).text()).includes("sinks"));
    assert.ok(!(await (await fetch(`${server.url}/metrics`)).text()).includes("obsvty_sink"));
    const { stdout } = await runHere(server, ["stats"], { columns: 140 });
    assert.match(stdout, /^traces/m);
    assert.ok(!stdout.includes("sink"));
  });
});
