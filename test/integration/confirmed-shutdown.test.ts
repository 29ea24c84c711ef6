import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encode, spansOf } from "../contract/store-requests.ts";
import { eventually, startObsvty } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import { ways } from "../support/ways-in.ts";

describe("a stop while exports wait for a sink that does not answer", () => {
  for (const fastPath of [true, false]) {
    const sendings = ways.filter((way) => way.fastPath === fastPath);
    const where = fastPath ? "on the fast path" : "by Fastify";

    test(`a stop answers each export that waits for a sink before the grace ends, by every protocol, ${where}`, async (t) => {
      const upstream = await new OtlpUpstream(t, "grpc").start();
      upstream.answer = () => undefined;
      const settings = {
        FORWARD_OTLP_ENDPOINT: upstream.url.href,
        FORWARD_OTLP_POLICY: "confirmed",
        // A tenth of it is there for the answers.
        SHUTDOWN_GRACE_MS: "5000",
      };
      const server = await startObsvty(t, { settings, fastPath });
      const body = encode("traces", spansOf(1));
      const answers = Promise.allSettled(sendings.map(({ send }) => send(t, server, { body })));
      await eventually("all wait", () => {
        const [state] = server.core.handOn?.states() ?? [];
        return state?.signals.traces.backlogItems === sendings.length || undefined;
      });
      assert.equal(await server.close(), 0);
      const told = (await answers).map((answer) =>
        answer.status === "fulfilled" ? [answer.value.code, answer.value.hasRetryHint] : answer.reason,
      );
      assert.deepEqual(
        told,
        sendings.map(() => [14, true]),
      );
    });
  }
});
