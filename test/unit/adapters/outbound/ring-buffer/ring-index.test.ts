import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RingStore } from "../../../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import type { TraceId } from "../../../../../src/domain/ids.ts";
import { appendBytes, keep, spansWith } from "../../../../contract/store-requests.ts";
import { createRandom } from "../../../../support/random.ts";
import { range } from "../../../../support/reader.ts";
import { calibration, inOneStep, longestStep } from "../../../../support/step-times.ts";
import { findAll } from "../../../../support/whole-answers.ts";
import { lengthDelimited, traceRequest, validSpanFields, varintField } from "../../../../support/wire.ts";

describe("a search by attributes", () => {
  const find = (bytes: Uint8Array, attributes: Readonly<Record<string, string>>) => {
    const store = new RingStore({ maxItems: 10, maxBytes: 1 << 22, maxRequestBytes: 1 << 21 });
    appendBytes(store, "traces", bytes);
    const window = { from: 0, to: 1, order: "oldest", limit: 1 } as const;
    return findAll(store, "traces", { attributes: new Map(Object.entries(attributes)) }, window).length === 1;
  };
  const span = (...fields: Uint8Array[]) => traceRequest(Buffer.concat([validSpanFields, ...fields]));

  test("a search by attributes leaves out, without decoding, items without the key or with another string", () => {
    const sent = span(attribute("http.route", "/cart"), attribute("user", "ada"));
    assert.equal(find(sent, { "http.route": "/cart" }), true);
    assert.equal(find(sent, { "http.route": "/cart", user: "ada" }), true);
    assert.equal(find(sent, { "http.route": "/cart", user: "bob" }), false);
    assert.equal(find(sent, { "http.route": "/car" }), false);
    assert.equal(find(sent, { "http.method": "/cart" }), false);
  });

  test("a search by attributes leaves in items that have the key in a shape that no SDK writes", () => {
    const key = lengthDelimited(1, utf8("user"));
    const twice = Buffer.concat([
      lengthDelimited(2, stringValue("bob")),
      lengthDelimited(2, stringValue("ada")),
    ]);
    const long = "x".repeat(200);
    for (const [what, sent, wanted] of [
      [
        "the value before the key",
        span(lengthDelimited(9, Buffer.concat([lengthDelimited(2, stringValue("ada")), key]))),
        "ada",
      ],
      ["two values", span(lengthDelimited(9, Buffer.concat([key, twice]))), "ada"],
      ["a long value", span(attribute("user", long)), long],
      [
        "an integer",
        span(lengthDelimited(9, Buffer.concat([key, lengthDelimited(2, Uint8Array.of(0x18, 7))]))),
        "7",
      ],
      ["the key twice", span(attribute("user", "bob"), attribute("user", "ada")), "ada"],
      ["no value", span(lengthDelimited(9, key)), "null"],
      [
        "bytes that are not UTF-8",
        span(
          lengthDelimited(
            9,
            Buffer.concat([key, lengthDelimited(2, lengthDelimited(1, Uint8Array.of(0xff)))]),
          ),
        ),
        "\ufffd",
      ],
      ["the key in a string before", span(attribute("a", "user"), attribute("user", "ada")), "ada"],
    ] as const) {
      assert.equal(find(sent, { user: wanted }), true, what);
    }
    assert.equal(find(span(attribute("", "nameless")), { "": "nameless" }), true);
  });

  test("a search by attributes does not take the text of another field for an attribute", () => {
    const keyValue = Buffer.concat([
      lengthDelimited(1, utf8("user")),
      lengthDelimited(2, stringValue("ada")),
    ]);
    const event = lengthDelimited(11, lengthDelimited(3, keyValue));
    assert.equal(find(span(lengthDelimited(5, keyValue), event), { user: "ada" }), false);
  });

  test("a search by attributes looks at each byte of a text once, whatever the key is", () => {
    const body = lengthDelimited(5, Buffer.alloc(1 << 20, "a"));
    assert.equal(find(span(body), { [`${"a".repeat(4_000)}b`]: "x" }), false);
  });

  test("a search by attributes leaves in items with a key or a text of more than 4 KiB", () => {
    const long = "x".repeat(5_000);
    assert.equal(
      find(span(attribute(long, "1"), attribute("user", long)), { [long]: "1", user: long }),
      true,
    );
    assert.equal(find(span(attribute("user", "ada")), { [long]: "1", user: "bob" }), false);
  });

  test("a search by many attributes narrows by the first 32", () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key ${i}`, "x"]));
    const sent = Object.keys(many).slice(0, 32);
    assert.equal(find(span(...sent.map((key) => attribute(key, "x"))), many), true);
    assert.equal(find(span(...sent.slice(1).map((key) => attribute(key, "x"))), many), false);
  });
});

describe("one search of the ring buffer ends, and leaves a rest,", () => {
  const bigStore = () => new RingStore({ maxItems: 1 << 20, maxBytes: 64 << 20, maxRequestBytes: 4 << 20 });
  const attributes = new Map([["user", "ada"]]);

  for (const order of ["oldest", "newest"] as const) {
    test(`one search of the ring buffer ends after 524,288 fields of items, ${order} first`, () => {
      const store = bigStore();
      const filler = Buffer.alloc(600_000, varintField(14, 0));
      for (let i = 0; i < 8; i++) {
        // Of an attribute without a key the index does not know that it is not the wanted one.
        appendBytes(
          store,
          "traces",
          traceRequest(Buffer.concat([validSpanFields, lengthDelimited(9), filler])),
        );
      }
      const left: number[] = [];
      let window = { from: 0, to: 8 };
      while (window.from < window.to) {
        const { ordinals, rest } = store.find("traces", { attributes }, { ...window, order, limit: 10 });
        assert.deepEqual(ordinals, []);
        left.push(rest.to - rest.from);
        window = rest;
      }
      assert.deepEqual(left, [6, 4, 2, 0]);
    });
  }

  test("one search of the ring buffer ends after 524,288 rows, and counting services after 131,072", () => {
    const store = bigStore();
    const logs = lengthDelimited(1, lengthDelimited(2, Buffer.alloc(400_000, lengthDelimited(2))));
    for (let i = 0; i < 3; i++) appendBytes(store, "logs", logs);
    const window = { from: 0, to: 600_000, order: "oldest", limit: 10 } as const;
    assert.deepEqual(store.find("logs", { service: "none" }, window), {
      ordinals: [],
      rest: { from: 524_288, to: 600_000 },
    });
    const { rest } = store.services("logs", 0);
    assert.ok(rest.from > 130_000 && rest.from <= 131_072);
    assert.equal(rest.to, 600_000);
  });

  test("one search of the ring buffer ends after the attributes of one item, however many are wanted", () => {
    const store = bigStore();
    const wanted = Array.from({ length: 32 }, (_, i) => [`key ${i}`, "x"] as const);
    const sent = Buffer.concat(wanted.map(([key, text]) => attribute(key, text)));
    const fields = Buffer.concat([validSpanFields, Buffer.alloc(1_000_000, varintField(14, 0)), sent]);
    for (let i = 0; i < 2; i++) appendBytes(store, "traces", traceRequest(fields));
    const window = { from: 0, to: 2, order: "oldest", limit: 10 } as const;
    assert.deepEqual(store.find("traces", { attributes: new Map(wanted) }, window), {
      ordinals: [0],
      rest: { from: 1, to: 2 },
    });
  });
});

describe("a search by traces", () => {
  // Segments of the index begin in other places than requests do, and the oldest one is held in part.
  const store = new RingStore({ maxItems: 4_000, maxBytes: 1 << 24, maxRequestBytes: 1 << 21 });
  const random = createRandom(3);
  /** Of each span that was sent the number of its trace. Most are alone, and some traces go on all the time. */
  const numbers = Array.from({ length: 5_700 }, (_, i) =>
    random.below(10) === 0 ? random.below(6) : 10 + i,
  );
  const idOf = (number: number) => Buffer.from(`trace ${number}`.padEnd(16)).toString("hex") as TraceId;
  for (let at = 0; at < numbers.length; at += 570) {
    const spans = numbers
      .slice(at, at + 570)
      .map((number) => ({ traceId: Buffer.from(idOf(number), "hex") }));
    keep(store, "traces", spansWith(...spans));
  }
  const { first, next } = store.range("traces");
  const windows = [
    [first, next],
    ...Array.from(
      { length: 60 },
      () => [first + random.below(next - first), first + random.below(next - first)] as const,
    ),
  ] as const;

  for (const order of ["oldest", "newest"] as const) {
    test(`a search by traces finds all of their spans in any part of the buffer, ${order} first`, () => {
      for (const wanted of [[0], [0, 3, 5], [4, 10 + first, 9 + next], numbers.slice(-300)]) {
        for (const [from, to] of windows) {
          const window = { from, to, order, limit: 10_000 };
          const expected = range(from, Math.max(from, to)).filter((i) => wanted.includes(numbers[i]!));
          const traceIds = new Set(wanted.map(idOf));
          assert.deepEqual(findAll(store, "traces", { traceIds }, window), expected);
          const last = wanted.at(-1)!;
          const ofLast = expected.filter((i) => numbers[i] === last);
          assert.deepEqual(findAll(store, "traces", { traceId: idOf(last) }, window), ofLast);
          assert.deepEqual(findAll(store, "traces", { traceId: idOf(last), traceIds }, window), ofLast);
        }
      }
    });
  }

  test("a search by traces ends at its limit, with the first or the last spans that match", () => {
    const traceIds = new Set([0, 1].map(idOf));
    const all = range(first, next).filter((i) => numbers[i]! < 2);
    const window = { from: first, to: next, limit: 7 };
    assert.deepEqual(findAll(store, "traces", { traceIds }, { ...window, order: "oldest" }), all.slice(0, 7));
    assert.deepEqual(findAll(store, "traces", { traceIds }, { ...window, order: "newest" }), all.slice(-7));
  });

  test("a search by traces whose ids were chosen to be alike takes no long step, and finds their spans", () => {
    // The four words of an id make its key by XOR: all of these have the same one.
    const alike = (number: number) => {
      const word = number.toString(16).padStart(8, "0");
      return `${word}${word}0000000100000002` as TraceId;
    };
    const held = new RingStore({ maxItems: 200_000, maxBytes: 1 << 27, maxRequestBytes: 1 << 22 });
    const spans = spansWith(...range(10_000, 11_000).map((i) => ({ traceId: Buffer.from(alike(i), "hex") })));
    for (let i = 0; i < 100; i++) keep(held, "traces", spans);
    keep(held, "traces", spansWith({ traceId: Buffer.from(alike(7), "hex") }));
    const window = { ...held.range("traces"), order: "oldest", limit: 10 } as const;
    const traceIds = new Set(range(1, 4_097).map(alike));
    const find = () => held.find("traces", { traceIds }, { from: window.first, to: window.next, ...window });
    assert.ok(longestStep(() => inOneStep(find)) < calibration());
    const last = { from: 100_000, to: 100_001, order: "oldest", limit: 10 } as const;
    assert.deepEqual(findAll(held, "traces", { traceIds }, last), [100_000]);
  });
});

function attribute(key: string, value: string): Uint8Array {
  return lengthDelimited(9, lengthDelimited(1, utf8(key)), lengthDelimited(2, stringValue(value)));
}

function stringValue(value: string): Uint8Array {
  return lengthDelimited(1, utf8(value));
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text);
}
