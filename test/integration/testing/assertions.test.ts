import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertLog, assertMetric, assertSpan, assertTraceShape } from "../../../src/testing/assertions.ts";
import { type MatcherResult, matchers } from "../../../src/testing/matchers.ts";
import type { Receiver } from "../../../src/testing/receiver.ts";
import { startReceiver } from "../../../src/testing/start-receiver.ts";
import type { TraceShape } from "../../../src/testing/trace-shape.ts";
import { sendCount, sendLog, sendSpans, shopSpan, shopTraceId } from "../../support/shop-telemetry.ts";

/** An order with a card that is declined. */
async function sendOrder(receiver: Receiver): Promise<void> {
  await sendSpans(
    receiver,
    shopSpan({ id: "01", name: "POST /checkout" }),
    shopSpan({ id: "02", parent: "01", name: "load cart" }),
    shopSpan({ id: "03", parent: "02", name: "SELECT" }),
    shopSpan({ id: "04", parent: "02", name: "SELECT", error: "timeout" }),
    shopSpan({ id: "05", parent: "01", name: "charge card", error: "declined" }),
  );
  await sendLog(receiver, "card declined");
  await sendCount(receiver, "shop.orders", 1);
}

describe("assertions on a receiver", () => {
  test("assertions on a receiver wait for what they ask for, and answer the first item that matches", async () => {
    await using receiver = await startReceiver();
    const asserted = Promise.all([
      assertSpan(receiver, { name: "SELECT" }),
      assertLog(receiver, { bodyContains: "declined" }),
      assertMetric(receiver, { name: "shop.orders", value: 1 }),
    ]);
    await sendOrder(receiver);
    const [span, log, point] = await asserted;
    assert.deepEqual([span.spanId, log.body, point.intValue], ["eeeeeeeeeeeeee03", "card declined", "1"]);
  });

  test("assertions on a receiver show no nearest miss that has nothing to do with those that matched", async () => {
    await using receiver = await startReceiver();
    await sendOrder(receiver);
    await assert.rejects(
      receiver.waitForSpans({ name: "POST /checkout" }, { count: 2, timeoutMs: 0 }),
      /within 0 ms, only 1 did\nheld: 5 spans in 1 trace/,
    );
  });

  test("assertions on a receiver fail like a wait in vain", async () => {
    await using receiver = await startReceiver();
    await sendOrder(receiver);
    const now = { timeoutMs: 0 };
    await assert.rejects(assertSpan(receiver, { name: "INSERT" }, now), {
      code: "ERR_ASSERTION",
      message: /^expected 1 span .* none did\nthe nearest miss failed on name: wanted 'INSERT'/,
    });
    await assert.rejects(
      assertLog(receiver, { bodyContains: "paid" }, now),
      /bodyContains: wanted 'paid', it is 'card/,
    );
    await assert.rejects(
      assertLog(receiver, { textContains: "paid" }, now),
      /textContains: wanted 'paid', it has it nowhere/,
    );
    await assert.rejects(
      assertSpan(receiver, { nameContains: "insert" }, now),
      /nameContains: wanted 'insert', it is '/,
    );
    await assert.rejects(assertMetric(receiver, { value: 2 }, now), /value: wanted 2, it is '1'/);
  });
});

describe("assertions on a list", () => {
  test("assertions on a list answer the first item that matches, or fail with the nearest miss of the list", async () => {
    await using receiver = await startReceiver();
    await sendOrder(receiver);
    const spans = await receiver.spans({ where: ({ parentSpanId }) => parentSpanId !== "" });
    assert.equal(
      assertSpan(spans, { statusCode: "error", where: ({ status }) => status.message !== "" }).name,
      "SELECT",
    );
    assert.equal(assertLog(await receiver.logs(), {}).body, "card declined");
    assert.equal(assertMetric(await receiver.metrics(), { type: "sum" }).name, "shop.orders");
    assert.throws(() => assertSpan(spans, { name: "POST /checkout" }), {
      code: "ERR_ASSERTION",
      message: /none did\nthe nearest miss failed on name: .*'charge card'[\s\S]*held: 4 spans in 1 trace/,
    });
    assert.throws(() => assertSpan([], {}), /none did\nno spans are held/);
    const copies = spans.map((span) => ({ ...span }));
    assert.throws(() => assertSpan(copies, {}), { name: "TypeError", message: /not copies/ });
  });

  test("an assertion that fails in several fields tells each, with its value or that there is none", async () => {
    await using receiver = await startReceiver();
    await sendSpans(receiver, shopSpan({ id: "01", name: "GET /cart" }));
    const filter = {
      kind: "client",
      minDuration: 2,
      until: "2026-01-01T00:00:00Z",
      attributes: { "cart.items": 4, "cart.id": "c3" },
      service: "bank",
    } as const;
    const nearest = (
      await assertSpan(receiver, filter, { timeoutMs: 0 }).catch(({ message }) => message)
    ).split("\n")[1];
    assert.match(nearest, /^the nearest miss failed on 6 conditions: service: wanted 'bank', it is 'shop'; /);
    assert.match(nearest, /attributes\["cart\.items"\]: wanted 4, it is 3; /);
    assert.match(nearest, /attributes\["cart\.id"\]: wanted 'c3', it has none; /);
    assert.match(nearest, /; 1 more$/);
  });
});

describe("the shape of a trace:", () => {
  const whole: TraceShape = {
    name: "POST /checkout",
    children: [
      { name: "charge card", statusCode: "error", children: [] },
      {
        name: "load cart",
        children: [{ name: /^SEL/, statusCode: "error" }, { attributes: { "cart.items": 3 } }],
      },
    ],
  };
  const cases: readonly (readonly [name: string, shape: TraceShape, lines: readonly string[]])[] = [
    ["siblings in any order, and parts of their attributes", whole, []],
    ["children that are not named are not looked at", { name: "POST /checkout" }, []],
    [
      "two children that fit the same span are paired so that all fit",
      { children: [{}, { name: "load cart", children: [{ statusCode: "unset" }, { name: "SELECT" }] }] },
      [],
    ],
    [
      "a child is missing, another too much",
      { name: "POST /checkout", children: [{ name: "load cart" }, { name: "refund" }] },
      [
        'the trace > "POST /checkout": no child "refund"',
        'the trace > "POST /checkout": a child too much, "charge card"',
      ],
    ],
    [
      "a field deep below differs",
      {
        children: [
          { name: "charge card" },
          { name: "load cart", children: [{ statusCode: "ok" }, { statusCode: "unset" }] },
        ],
      },
      [
        `the trace > "POST /checkout" > "load cart" > "SELECT": statusCode: wanted 'ok', it is 'STATUS_CODE_ERROR'`,
      ],
    ],
    [
      "the root differs",
      { name: "GET /", children: [] },
      ['the trace: no root "GET /"', 'the trace: a root too much, "POST /checkout"'],
    ],
  ];
  for (const [name, shape, lines] of cases) {
    test(`the shape of a trace: ${name}`, async () => {
      await using receiver = await startReceiver();
      await sendOrder(receiver);
      const trace = await receiver.trace(shopTraceId);
      if (lines.length === 0) {
        assertTraceShape(trace, shape);
        assertTraceShape(trace.root, shape);
        return;
      }
      assert.throws(
        () => assertTraceShape(trace, shape),
        ({ code, message }: Error & { code: string }) => {
          const [heading, ...rest] = message.split("\n");
          assert.deepEqual([code, heading], ["ERR_ASSERTION", "the trace has another shape:"]);
          assert.deepEqual(
            rest.slice(0, lines.length).map((line) => line.trim()),
            lines,
          );
          assert.match(message, /\nthe trace:\n[\s\S]*└─ charge card/);
          return true;
        },
      );
    });
  }

  test("a part of a trace is compared alone, and a shape that makes no sense is refused", async () => {
    await using receiver = await startReceiver();
    await sendOrder(receiver);
    const trace = await receiver.trace(shopTraceId);
    const charge = trace.find("charge card");
    assert.ok(charge);
    assertTraceShape(charge, { name: "charge card", children: [] });
    assert.throws(() => assertTraceShape(charge, { statusCode: "ok", children: [{ name: "x" }] }), {
      message: `the trace has another shape:\n  "charge card": statusCode: wanted 'ok', it is 'STATUS_CODE_ERROR'\n  "charge card": no child "x"`,
    });
    assert.throws(() => assertTraceShape(trace, { children: [{ nmae: "x" } as never] }), {
      name: "TypeError",
      message: /nmae: no such field/,
    });
  });
});

describe("matchers answer what expect of Vitest and Jest asks for:", () => {
  test("matchers on a list answer at once, and each tells why it failed", async () => {
    await using receiver = await startReceiver();
    await sendOrder(receiver);
    const [spans, logs, points] = await Promise.all([receiver.spans(), receiver.logs(), receiver.metrics()]);
    const told = (result: MatcherResult | Promise<MatcherResult>) => {
      assert.ok(!(result instanceof Promise));
      return [result.pass, result.message().split("\n", 1)[0]];
    };
    assert.deepEqual(told(matchers.toHaveSpan(spans, { name: "SELECT" })), [
      true,
      "expected no span that matches { name: 'SELECT' }, 2 did",
    ]);
    assert.deepEqual(told(matchers.toHaveLog(logs, { minSeverity: "fatal" })), [
      false,
      "expected 1 log record that matches { minSeverity: 'fatal' }, none did",
    ]);
    assert.equal(told(matchers.toHaveMetric(points, { value: 1 }))[0], true);
    const trace = await receiver.trace(shopTraceId);
    assert.equal(matchers.toBeTraceShaped(trace, { name: "POST /checkout" }).pass, true);
    assert.deepEqual(told(matchers.toBeTraceShaped(trace, { name: "x" })), [
      false,
      "the trace has another shape:",
    ]);
  });

  test("matchers on a receiver wait, and their opposite looks at what is held now", async () => {
    await using receiver = await startReceiver();
    const waiting = matchers.toHaveSpan(receiver, { name: "SELECT" });
    await sendOrder(receiver);
    assert.equal((await waiting).pass, true);
    const without = await matchers.toHaveSpan.call({ isNot: true }, receiver, { name: "INSERT" });
    assert.equal(without.pass, false);
    assert.match(without.message(), /within 0 ms, none did/);
    assert.equal((await matchers.toHaveLog.call({ isNot: true }, receiver, {})).pass, true);
    const missed = await matchers.toHaveMetric(receiver, { value: 7 }, { timeoutMs: 1 });
    assert.match(
      missed.message(),
      /within 1 ms, none did\nthe nearest miss failed on value: wanted 7, it is '1'/,
    );
    await assert.rejects(async () => matchers.toHaveSpan(receiver, { nmae: "x" } as never), {
      name: "TypeError",
    });
  });
});
