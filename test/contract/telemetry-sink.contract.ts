import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { AcceptedRequest } from "../../src/domain/accepted-request.ts";
import { type Signal, signals, signalTraits } from "../../src/domain/signal.ts";
import { writeJsonRequest } from "../../src/otlp/json/write-request.ts";
import { type Delivery, isFailureCode, type TelemetrySink } from "../../src/ports/telemetry-sink.ts";
import { encode, requestOf } from "./store-requests.ts";

/** What a destination can be made to do. */
export const outsides = ["takes all", "is down", "refuses", "takes part", "stalls"] as const;
export type OutsideName = (typeof outsides)[number];

/** A sink with a destination under the test's control. It lets go of all it has when the test ends. */
export interface SinkBench {
  readonly sink: TelemetrySink;
  /** Changes what the destination does with deliveries from now on. It takes all at first. */
  readonly behave: (outside: OutsideName) => void | Promise<void>;
  /** The encoded requests that the destination has, in any order. */
  readonly taken: (signal: Signal) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
}

export interface SinkContract {
  readonly make: (t: TestContext) => SinkBench | Promise<SinkBench>;
  /** What this sink's outside can do beside taking all. */
  readonly can: readonly OutsideName[];
}

const noAbort = new AbortController().signal;

/** What the port `TelemetrySink` promises. Every adapter of it runs this. */
export function describeTelemetrySink(name: string, { make, can }: SinkContract): void {
  const whereItCan = (outside: OutsideName, what: string, test: (t: TestContext) => Promise<void>) => {
    if (can.includes(outside)) it(what, test);
  };

  describe(`${name} as a TelemetrySink`, () => {
    it("a sink has a name of one word, and a size of deliveries", async (t) => {
      const { sink } = await make(t);
      assert.match(sink.name, /^[a-z]+$/);
      assert.ok(Number.isSafeInteger(sink.maxBytes) && sink.maxBytes > 0, `${sink.maxBytes}`);
    });

    for (const signal of signals) {
      it(`a sink hands on all ${signalTraits[signal].itemNoun.many} of a delivery`, async (t) => {
        const { sink, taken } = await make(t);
        const requests = requestsOf(signal, signalTraits[signal].requestsMerge ? [3, 1, 12] : [5]);
        const before = requests.map(({ bytes }) => Buffer.from(bytes).toString("hex"));
        assert.deepEqual(await sink.deliver(signal, requests, noAbort), { kind: "delivered" });
        assert.deepEqual(
          contentOf(signal, await taken(signal)),
          contentOf(
            signal,
            requests.map(({ bytes }) => bytes),
          ),
        );
        assert.deepEqual(
          requests.map(({ bytes }) => Buffer.from(bytes).toString("hex")),
          before,
          "the bytes are not written to",
        );
      });
    }

    it("a sink carries deliveries of all signals at the same time", async (t) => {
      const { sink, taken } = await make(t);
      const batches = Array.from({ length: 24 }, (_, i) => {
        const signal = signals[i % signals.length]!;
        return { signal, requests: requestsOf(signal, [4], i + 1) };
      });
      const outcomes = await Promise.all(
        batches.map(({ signal, requests }) => sink.deliver(signal, requests, noAbort)),
      );
      assert.deepEqual(new Set(outcomes.map(({ kind }) => kind)), new Set(["delivered"]));
      for (const signal of signals) {
        const sent = batches.filter((batch) => batch.signal === signal);
        const bytes = sent.flatMap(({ requests }) => requests.map(({ bytes }) => bytes));
        assert.deepEqual(contentOf(signal, await taken(signal)), contentOf(signal, bytes));
      }
    });

    it("a sink carries a delivery of a megabyte", async (t) => {
      const { sink, taken } = await make(t);
      const bytes = Math.min(sink.maxBytes, 2 ** 20) - 4_096;
      const large = encode("logs", requestOf("logs", 3, { resource: { padding: "x".repeat(bytes) } }));
      const request = { firstOrdinal: 0, items: 3, bytes: large };
      assert.deepEqual(await sink.deliver("logs", [request], noAbort), { kind: "delivered" });
      assert.deepEqual(contentOf("logs", await taken("logs")), contentOf("logs", [large]));
    });

    whereItCan(
      "is down",
      "a sink says later while the destination is down, and delivers when it is back",
      async (t) => {
        const { sink, behave, taken } = await make(t);
        const requests = requestsOf("traces", [2]);
        await behave("is down");
        assertCode(await sink.deliver("traces", requests, noAbort), "later");
        assertCode(await sink.deliver("traces", requests, noAbort), "later");
        await behave("takes all");
        assert.deepEqual(await delivered(sink, requests), { kind: "delivered" });
        const content = contentOf("traces", await taken("traces"));
        const [request] = requests;
        assert.deepEqual(new Set(content), new Set(contentOf("traces", [request!.bytes])));
      },
    );

    whereItCan("refuses", "a sink says refused when the destination does so for good", async (t) => {
      const { sink, behave, taken } = await make(t);
      await behave("refuses");
      assertCode(await sink.deliver("logs", requestsOf("logs", [2]), noAbort), "refused");
      assert.deepEqual(await taken("logs"), []);
    });

    whereItCan("takes part", "a sink says how many items the destination has rejected", async (t) => {
      const { sink, behave } = await make(t);
      await behave("takes part");
      const outcome = await sink.deliver("metrics", requestsOf("metrics", [5]), noAbort);
      assert.deepEqual(outcome, { kind: "partly-delivered", rejected: 1 });
    });

    whereItCan("stalls", "a sink gives up a delivery when it is aborted", async (t) => {
      const { sink, behave } = await make(t);
      await behave("stalls");
      const abort = new AbortController();
      const delivery = sink.deliver("traces", requestsOf("traces", [2]), abort.signal);
      setImmediate(() => abort.abort());
      assertCode(await delivery, "later");
    });

    it("a sink delivers nothing that is aborted already", async (t) => {
      const { sink, taken } = await make(t);
      assertCode(await sink.deliver("traces", requestsOf("traces", [2]), AbortSignal.abort()), "later");
      assert.deepEqual(await taken("traces"), []);
    });

    it("a sink can be closed twice, used or not", async (t) => {
      const { sink } = await make(t);
      await sink.close();
      await sink.close();
      const used = await make(t);
      await used.sink.deliver("logs", requestsOf("logs", [1]), noAbort);
      await used.sink.close();
      await used.sink.close();
    });
  });
}

/** An outside that has just come back may need a moment, as a broker does. */
async function delivered(sink: TelemetrySink, requests: readonly AcceptedRequest[]): Promise<Delivery> {
  const endMs = performance.now() + 20_000;
  for (;;) {
    const delivery = await sink.deliver("traces", requests, noAbort);
    if (delivery.kind !== "later" || performance.now() > endMs) return delivery;
    await new Promise(setImmediate);
  }
}

/** Requests with so many items each. */
function requestsOf(signal: Signal, counts: readonly number[], seed = 1): AcceptedRequest[] {
  let firstOrdinal = 0;
  return counts.map((items, i) => {
    const bytes = encode(signal, requestOf(signal, items, { seed: seed * 100 + i }));
    const request = { firstOrdinal, items, bytes };
    firstOrdinal += items;
    return request;
  });
}

/**
 * The resources of all requests with all that is in them, as text and sorted. In the Collector's JSON, which does not
 * tell an empty message from none: a sink may hand on JSON.
 */
function contentOf(signal: Signal, requests: readonly Uint8Array[]): string[] {
  return requests
    .flatMap((bytes) => {
      const json: Record<string, unknown> = JSON.parse(writeJsonRequest(signal, bytes));
      const [[field, resources] = [], dictionary] = Object.entries(json);
      return (resources as unknown[]).map((resource) =>
        JSON.stringify({ [`${field}`]: resource, dictionary }),
      );
    })
    .sort();
}

function assertCode(delivery: Delivery, kind: "later" | "refused"): void {
  assert.equal(delivery.kind, kind);
  const { code } = delivery as Extract<Delivery, { readonly code: string }>;
  assert.ok(isFailureCode(code), `${JSON.stringify(code)} is a code`);
}
