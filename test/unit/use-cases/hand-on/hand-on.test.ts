import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signals } from "../../../../src/domain/signal.ts";
import type { AcceptedRequest, Delivery } from "../../../../src/ports/telemetry-sink.ts";
import { encode, requestOf, spansWith } from "../../../contract/store-requests.ts";
import { FakeSink } from "../../../support/fake-sink.ts";
import { FakeStore } from "../../../support/fake-store.ts";
import { HandOnBench } from "../../../support/hand-on-bench.ts";

const later: Delivery = { kind: "later", code: "UNAVAILABLE" };

describe("handing on", () => {
  test("handing on carries everything over, in order, from the oldest item held", async (t) => {
    const bench = new HandOnBench(t, { before: [2, 3] });
    await bench.timers.pass(100);
    for (const items of [1, 4, 2]) bench.send("traces", items);
    for (const signal of ["logs", "metrics", "profiles"] as const) bench.send(signal, 3);
    await bench.timers.pass(100);
    for (const signal of signals) {
      assert.deepEqual(bench.taken(signal), bench.held(signal), signal);
    }
    const { backlogItems, backlogBytes, oldestMs, delivered, retried } = bench.state();
    assert.deepEqual(
      { backlogItems, backlogBytes, oldestMs, delivered, retried },
      { backlogItems: 0, backlogBytes: 0, oldestMs: 0, delivered: 21, retried: 0 },
    );
  });

  test("handing on merges what arrives within some milliseconds, but no profiles", async (t) => {
    const bench = new HandOnBench(t);
    for (let i = 0; i < 20; i++) {
      bench.send("logs");
      bench.send("profiles");
    }
    await bench.timers.pass(100);
    assert.equal(bench.sink.taken("logs").length, 1);
    assert.equal(bench.sink.taken("profiles").length, 20);
    assert.deepEqual(bench.taken("profiles"), bench.held("profiles"));
  });

  test("handing on waits for nothing when there is enough for a whole batch", async (t) => {
    const bench = new HandOnBench(t, { limits: { lingerMs: 1_000, batchRequests: 5, batchBytes: 5_000 } });
    for (let i = 0; i < 40; i++) bench.send();
    await bench.timers.pass(1);
    assert.ok(bench.sink.taken("traces").length > 4);
  });

  test("handing on keeps batches within their bytes and requests", async (t) => {
    const sizes: number[] = [];
    const sink = new FakeSink();
    sink.outside = async (signal, requests) => {
      sizes.push(requests.length);
      assert.ok(requests.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) <= 4_000);
      sink.take(signal, requests);
      return { kind: "delivered" };
    };
    const bench = new HandOnBench(t, { sink, limits: { batchRequests: 4, batchBytes: 4_000 } });
    for (let i = 0; i < 30; i++) bench.send("logs", 1 + (i % 5));
    await bench.timers.pass(1_000);
    assert.ok(Math.max(...sizes) === 4 && Math.min(...sizes) < 4, sizes.join());
    assert.deepEqual(bench.taken("logs"), bench.held("logs"));
  });

  test("handing on has several batches delivered at once, and bounds what it copies for that", async (t) => {
    const open: { requests: readonly AcceptedRequest[]; done: (delivery: Delivery) => void }[] = [];
    const sink = new FakeSink();
    sink.outside = (_signal, requests) => new Promise((done) => open.push({ requests, done }));
    const limits = { batchRequests: 1, mergedDeliveries: 4, lingerMs: 0 };
    const bench = new HandOnBench(t, { sink, limits });
    for (let i = 0; i < 10; i++) bench.send();
    await bench.timers.pass(1);
    assert.equal(open.length, 4);
    open.splice(2, 1)[0]!.done({ kind: "delivered" });
    await bench.timers.pass(1);
    assert.equal(open.length, 4, "one that is done out of order makes room");
    assert.equal(bench.state().backlogItems, 9);
    for (let i = 0; i < 9; i++) {
      open.shift()!.done({ kind: "delivered" });
      await bench.timers.pass(1);
    }
    assert.equal(bench.state().backlogItems, 0);
  });

  test("handing on uses the memory of a delivered batch again, and not that of one whose try was given up", async (t) => {
    const sink = new FakeSink();
    const seen: { readonly buffer: ArrayBufferLike; readonly bytes: Uint8Array; readonly sent: Buffer }[] =
      [];
    let delivers = true;
    sink.outside = async (signal, requests) => {
      const [{ bytes } = { bytes: new Uint8Array() }] = requests;
      seen.push({ buffer: bytes.buffer, bytes, sent: Buffer.from(bytes) });
      if (!delivers) await new Promise(() => {});
      sink.take(signal, requests);
      return { kind: "delivered" };
    };
    const limits = { batchRequests: 1, batchBytes: 6_000, inFlightBytes: 6_000, lingerMs: 0 };
    const bench = new HandOnBench(t, { sink, limits });
    const sendAndPass = async (ms: number) => {
      bench.send("logs", 20);
      await bench.timers.pass(ms);
    };
    await sendAndPass(1);
    await sendAndPass(1);
    assert.ok(seen[1]?.buffer === seen[0]?.buffer);
    delivers = false;
    await sendAndPass(1);
    delivers = true;
    // The try is given up, and the next one delivers.
    await bench.timers.pass(20_000);
    await sendAndPass(1);
    await sendAndPass(1);
    const [, , givenUp, again, ...later] = seen;
    assert.ok(again?.buffer === givenUp?.buffer);
    assert.ok(later.length === 2 && later.every(({ buffer }) => buffer !== givenUp?.buffer));
    assert.deepEqual(
      Buffer.from(givenUp?.bytes ?? []),
      givenUp?.sent,
      "a reader that is late sees what it was given",
    );
    assert.deepEqual(bench.taken("logs"), bench.held("logs"));
  });

  test("handing on copies no more bytes of a signal than allowed, or one request", async (t) => {
    const sink = new FakeSink();
    sink.outside = "stalls";
    const limits = { batchRequests: 1, inFlightBytes: 1, lingerMs: 0 };
    const bench = new HandOnBench(t, { sink, limits });
    for (let i = 0; i < 10; i++) bench.send();
    await bench.timers.pass(1);
    assert.equal(sink.calls, 1);
  });

  for (const [what, times, limits] of [
    ["whole batches", 1, { batchRequests: 100, batchBytes: 4_000, inFlightBytes: 10_000 }],
    ["single requests", 1, { batchRequests: 1, batchBytes: 4_000, inFlightBytes: 5_000 }],
    [
      "requests whose length is not known before",
      2,
      { batchRequests: 1, batchBytes: 10, inFlightBytes: 1_500 },
    ],
  ] as const) {
    test(`handing on copies ${what} ${times === 1 ? "once" : "twice"} at most, however late the sink takes them`, async (t) => {
      let copied = 0;
      class CountingStore extends FakeStore {
        override readRequests(...args: Parameters<FakeStore["readRequests"]>) {
          const requests = super.readRequests(...args);
          copied += requests.reduce((sum, { items }) => sum + items, 0);
          return requests;
        }
      }
      const done: ((delivery: Delivery) => void)[] = [];
      const sink = new FakeSink();
      sink.outside = (signal, requests) => {
        sink.take(signal, requests);
        return new Promise((resolve) => done.push(resolve));
      };
      const bench = new HandOnBench(t, {
        makeStore: (bounds) => new CountingStore(bounds),
        sink,
        limits: { ...limits, lingerMs: 0 },
      });
      for (let i = 0; i < 60; i++) bench.send("logs", 3);
      await bench.timers.pass(1);
      let late = 20;
      while (done.length > 0) {
        // Something arrives while no more may be under way.
        if (late-- > 0) bench.send("logs", 1);
        done.shift()?.({ kind: "delivered" });
        await bench.timers.pass(1);
      }
      assert.deepEqual(bench.taken("logs"), bench.held("logs"));
      assert.ok(copied <= 1.1 * times * bench.held("logs").length, `${copied} copied`);
    });
  }

  test("handing on sends a merged batch that is refused request by request, so that one bad request costs itself", async (t) => {
    const bad = encode("traces", spansWith({ name: "bad" }, { name: "bad" }));
    const sink = new FakeSink();
    sink.outside = async (signal, requests) => {
      if (requests.some(({ bytes }) => Buffer.from(bytes).includes("bad"))) {
        return { kind: "refused", code: "INVALID_ARGUMENT" };
      }
      sink.take(signal, requests);
      return { kind: "delivered" };
    };
    const bench = new HandOnBench(t, { sink });
    bench.send();
    bench.sendBytes("traces", bad);
    bench.send();
    bench.send();
    await bench.timers.pass(100);
    assert.equal(sink.calls, 1 + 4);
    assert.equal(bench.taken().length, 3);
    const { delivered, refused, lastFailure, backlogItems } = bench.state();
    assert.deepEqual([delivered, refused, backlogItems], [3, 2, 0]);
    assert.equal(lastFailure?.code, "INVALID_ARGUMENT");
  });

  /** An outside that takes no more bytes than these in one delivery. */
  function takesUpTo(sink: FakeSink, maxBytes: number): FakeSink {
    sink.outside = async (signal, requests) => {
      const byteLength = requests.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
      if (byteLength > maxBytes) return { kind: "refused", code: "MESSAGE_TOO_LARGE", isTooLarge: true };
      sink.take(signal, requests);
      return { kind: "delivered" };
    };
    return sink;
  }

  test("handing on sends a request that is refused for its size in halves, until they fit", async (t) => {
    const bench = new HandOnBench(t, { sink: takesUpTo(new FakeSink(), 4_000) });
    for (const items of [1, 100, 2, 33]) bench.send("logs", items);
    await bench.timers.pass(100);
    assert.deepEqual(bench.taken("logs").toSorted(), bench.held("logs").toSorted());
    const { delivered, refused, backlogItems } = bench.state();
    assert.deepEqual([delivered, refused, backlogItems], [136, 0, 0]);
  });

  test("handing on refuses alone the item that is too large for the destination", async (t) => {
    const bench = new HandOnBench(t, { sink: takesUpTo(new FakeSink(), 2_000) });
    const names = ["a", "b", "x".repeat(2_000), "c"];
    bench.sendBytes("traces", encode("traces", spansWith(...names.map((name) => ({ name })))));
    await bench.timers.pass(100);
    const { delivered, refused, lastFailure } = bench.state();
    assert.deepEqual([delivered, refused, lastFailure?.code], [3, 1, "MESSAGE_TOO_LARGE"]);
    assert.deepEqual(bench.messages(), ["the sink rejected items"]);
  });

  test("handing on makes few calls for a request of which the destination takes no part, however short", async (t) => {
    const bench = new HandOnBench(t, { sink: takesUpTo(new FakeSink(), 1) });
    bench.send("logs", 500);
    await bench.timers.pass(1_000);
    assert.ok(bench.sink.calls < 12, `${bench.sink.calls} calls`);
    const { delivered, refused, lastFailure } = bench.state();
    assert.deepEqual([delivered, refused, lastFailure?.code], [0, 500, "MESSAGE_TOO_LARGE"]);
  });

  test("handing on splits nothing that is short already", async (t) => {
    const bench = new HandOnBench(t, { sink: takesUpTo(new FakeSink(), 1) });
    bench.send("logs", 2);
    await bench.timers.pass(100);
    assert.equal(bench.sink.calls, 1);
    assert.equal(bench.state().refused, 2);
  });

  test("handing on counts the half of a request as refused that was evicted before it could be sent", async (t) => {
    const sink = takesUpTo(new FakeSink(), 3_000);
    const { outside } = sink;
    const bench = new HandOnBench(t, { sink, maxItems: 20 });
    sink.outside = async (...args) => {
      if (sink.calls === 1) bench.send("logs", 10);
      return (outside as Exclude<typeof outside, string>)(...args);
    };
    bench.send("logs", 20);
    await bench.timers.pass(100);
    const { delivered, refused, missed } = bench.state();
    assert.deepEqual([delivered, refused, missed], [20, 10, 0]);
    assert.deepEqual(bench.taken("logs").toSorted(), bench.held("logs").toSorted());
  });

  test("handing on sends a batch once when the destination takes nothing of the signal", async (t) => {
    const sink = new FakeSink();
    sink.outside = async () => ({ kind: "refused", code: "UNIMPLEMENTED", takesNone: true });
    const bench = new HandOnBench(t, { sink });
    for (let i = 0; i < 5; i++) bench.send();
    await bench.timers.pass(100);
    assert.equal(sink.calls, 1);
    assert.equal(bench.state().refused, 5);
  });

  test("handing on counts what the destination rejects of a delivery", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = "takes part";
    bench.send("metrics", 4);
    await bench.timers.pass(100);
    const { delivered, refused } = bench.state();
    assert.deepEqual([delivered, refused], [3, 1]);
  });

  test("handing on splits a request that is too large for the sink, and refuses a single item that is", async (t) => {
    const sink = new FakeSink({ maxBytes: 3_000 });
    const bench = new HandOnBench(t, { sink });
    bench.sendBytes("logs", encode("logs", requestOf("logs", 40)));
    bench.sendBytes(
      "logs",
      encode("logs", requestOf("logs", 1, { resource: { padding: "x".repeat(4_000) } })),
    );
    bench.send("logs", 2);
    await bench.timers.pass(1_000);
    const taken = sink.taken("logs");
    assert.ok(taken.length > 3 && taken.every(({ byteLength }) => byteLength <= 3_000));
    const { delivered, refused, lastFailure } = bench.state();
    assert.deepEqual([delivered, refused, lastFailure?.code], [42, 1, "too large"]);
  });

  test("handing on sends a request of which most is its resource not once for each item, when the destination finds it too large", async (t) => {
    const bench = new HandOnBench(t, { sink: takesUpTo(new FakeSink(), 4_500) });
    const resource = { padding: "x".repeat(4_000) };
    bench.sendBytes("logs", encode("logs", requestOf("logs", 100, { resource })));
    bench.send("logs", 2);
    await bench.timers.pass(1_000);
    assert.ok(bench.sink.calls < 20, `${bench.sink.calls} calls`);
    const { delivered, refused } = bench.state();
    assert.deepEqual([delivered, refused], [2, 100]);
  });

  test("handing on refuses a request whose resource is larger than the sink takes in few parts", async (t) => {
    const bench = new HandOnBench(t, { sink: new FakeSink({ maxBytes: 3_000 }) });
    const reads = t.mock.method(bench.store, "readRequests");
    const resource = { padding: "x".repeat(4_000) };
    bench.sendBytes("logs", encode("logs", requestOf("logs", 300, { resource })));
    bench.send("logs", 2);
    await bench.timers.pass(1_000);
    const { delivered, refused, lastFailure, backlogItems } = bench.state();
    assert.deepEqual([delivered, refused, lastFailure?.code], [2, 300, "too large"]);
    assert.equal(backlogItems, 0);
    assert.ok(reads.mock.callCount() < 100, `${reads.mock.callCount()} reads`);
  });

  test("handing on sends parts of a request that together are at most four times as long as it, and refuses the rest", async (t) => {
    const sink = new FakeSink({ maxBytes: 3_000 });
    const bench = new HandOnBench(t, { sink });
    const request = encode("logs", requestOf("logs", 300, { resource: { padding: "x".repeat(2_000) } }));
    bench.sendBytes("logs", request);
    bench.send("logs", 2);
    await bench.timers.pass(1_000);
    const sent = sink.taken("logs").reduce((sum, { byteLength }) => sum + byteLength, 0);
    assert.ok(sent < request.byteLength * 4 + 3_000, `${sent} bytes for ${request.byteLength}`);
    const { delivered, refused, backlogItems } = bench.state();
    assert.ok(delivered > 2 && refused > 0);
    assert.deepEqual([delivered + refused, backlogItems], [302, 0]);
  });

  test("handing on takes a sink whose promise rejects for one that did not deliver", async (t) => {
    const sink = new FakeSink();
    sink.outside = async () => {
      throw new Error("s3cret");
    };
    const bench = new HandOnBench(t, { sink });
    bench.send();
    await bench.timers.pass(100);
    assert.equal(bench.state().lastFailure?.code, "internal");
    sink.outside = "takes all";
    await bench.timers.pass(1_000);
    assert.equal(bench.taken().length, 1);
  });
});

describe("a sink that does not take a delivery", () => {
  test("a sink that does not take a delivery is tried again after a time that doubles up to a limit", async (t) => {
    const bench = new HandOnBench(t, { limits: { firstRetryMs: 100, longestRetryMs: 1_000 } });
    const triedAtMs: number[] = [];
    bench.sink.outside = async () => {
      triedAtMs.push(bench.timers.now());
      return later;
    };
    bench.send();
    await bench.timers.pass(5_000);
    const delays = triedAtMs.slice(1).map((ms, i) => ms - triedAtMs[i]!);
    assert.deepEqual(delays.slice(0, 6), [100, 200, 400, 800, 1_000, 1_000]);
    assert.equal(bench.state().retried, triedAtMs.length);
    assert.equal(bench.state().isFailing, true);
  });

  test("a sink is not tried before the time that it named", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = async () => ({ ...later, retryAfterMs: 20_000 });
    bench.send();
    await bench.timers.pass(100);
    bench.sink.outside = "takes all";
    await bench.timers.pass(19_800);
    assert.equal(bench.sink.calls, 1);
    await bench.timers.pass(3_000);
    assert.equal(bench.taken().length, 1);
  });

  test("a sink is tried after pauses that grow when it says that it may be tried at once", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = async () => ({ ...later, retryAfterMs: 0 });
    bench.send();
    await bench.timers.pass(10_000);
    assert.ok(bench.sink.calls <= 10, `${bench.sink.calls} tries in ten seconds`);
  });

  test("a sink is stopped for an hour at most by the time that it named", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = async () => ({ ...later, retryAfterMs: 2 ** 45 });
    bench.send();
    await bench.timers.pass(100);
    bench.sink.outside = "takes all";
    await bench.timers.pass(2 * 3_600_000);
    assert.equal(bench.taken().length, 1);
  });

  test("a sink that failed is tried with one delivery at a time until one succeeds", async (t) => {
    const bench = new HandOnBench(t, { limits: { batchRequests: 1, lingerMs: 0 } });
    bench.sink.outside = "is down";
    for (let i = 0; i < 6; i++) bench.send();
    await bench.timers.pass(1);
    const atOnce = bench.sink.calls;
    let open = 0;
    let most = 0;
    bench.sink.outside = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => bench.timers.after(50, () => resolve(undefined)));
      open -= 1;
      return later;
    };
    await bench.timers.pass(10_000);
    assert.ok(atOnce <= 6 && most === 1, `${most} tries at a time`);
    bench.sink.outside = "takes all";
    await bench.timers.pass(60_000);
    assert.deepEqual(bench.taken().toSorted(), bench.held().toSorted());
  });

  test("a sink that does not take a signal does not hold up other signals", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = async (signal, requests) => {
      if (signal === "traces") return later;
      bench.sink.take(signal, requests);
      return { kind: "delivered" };
    };
    bench.send("traces");
    await bench.timers.pass(5_000);
    bench.send("logs");
    await bench.timers.pass(50);
    assert.equal(bench.taken("logs").length, 1);
  });

  test("a sink holds up no other delivery with one that it never takes", async (t) => {
    const bench = new HandOnBench(t, { limits: { batchRequests: 1, lingerMs: 0 } });
    bench.sink.outside = async (signal, requests) => {
      if (requests[0]!.firstOrdinal === 0) return later;
      bench.sink.take(signal, requests);
      return { kind: "delivered" };
    };
    for (let i = 0; i < 30; i++) bench.send();
    await bench.timers.pass(60_000);
    assert.equal(bench.taken().length, 29);
    assert.equal(bench.state().backlogItems, 1);
  });

  test("a sink's delivery is given up after a while when it answers nothing, and tried again", async (t) => {
    const bench = new HandOnBench(t);
    bench.sink.outside = "stalls";
    bench.send();
    await bench.timers.pass(10_100);
    assert.equal(bench.state().lastFailure?.code, "timeout");
    bench.sink.outside = "takes all";
    await bench.timers.pass(1_000);
    assert.equal(bench.taken().length, 1);
  });
});
