import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { JsonEncoder } from "../../../../../src/adapters/inbound/otlp-receiver/json-encoder.ts";
import { patient, someCaller } from "../../../../support/awaiting.ts";

/** A request of this many spans without content, in chunks. */
function bodyOf(spans: number, rest = "]}]}]}") {
  const json = Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${"{},".repeat(spans - 1)}{}${rest}`);
  const chunks = [json.subarray(0, 5), json.subarray(5, 1_000), json.subarray(1_000)];
  return { chunks, byteLength: json.byteLength };
}

/** More than is encoded in one turn of the event loop. */
const many = 1_300_000;

/** Encodes requests of spans without content, and notes how long the encoded requests are. */
function encodeSpans(encoder: JsonEncoder, ...bodies: ReturnType<typeof bodyOf>[]) {
  const lengths: number[] = [];
  const encoded = bodies.map((body) =>
    encoder.encode("traces", body, "hex", ({ bytes }) => void lengths.push(bytes.byteLength), patient),
  );
  return { lengths, encoded };
}

/** An empty span takes two bytes. Around them are the lengths of three messages. */
function isLengthOf(spans: number, length: number | undefined): boolean {
  return length !== undefined && length > 2 * spans && length < 2 * spans + 20;
}

describe("the encoder of JSON requests", () => {
  test("the encoder of JSON requests encodes a small request on the spot", (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    const { lengths, encoded } = encodeSpans(encoder, bodyOf(10_000));
    assert.deepEqual(encoded, [undefined]);
    assert.ok(isLengthOf(10_000, lengths[0]));
  });

  test("the encoder of JSON requests lets the event loop turn while it encodes a large request, and encodes small ones meanwhile", async (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    const { lengths, encoded } = encodeSpans(encoder, bodyOf(many));
    const finished = encoded[0]?.then(() => "finished");
    assert.ok(finished !== undefined);
    let small = 0;
    while ((await Promise.race([finished, turn("unfinished")])) === "unfinished") {
      assert.ok(isLengthOf(100, encodeSpans(encoder, bodyOf(100)).lengths[0]));
      small++;
    }
    assert.ok(isLengthOf(many, lengths[0]));
    assert.ok(small > 5, `${small} small requests`);
  });

  test("the encoder of JSON requests encodes large requests one after another, and goes on after one that is refused", async (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    const counts = [many, many - 100_000, 200_000];
    const refused = bodyOf(many, "secret");
    const { lengths, encoded } = encodeSpans(
      encoder,
      ...counts.map((count) => bodyOf(count)),
      refused,
      bodyOf(many),
    );
    const message = `not JSON at position ${refused.byteLength - "secret".length}`;
    await assert.rejects(Promise.resolve(encoded[3]), { code: "not-the-message", message });
    await Promise.all([...encoded.slice(0, 3), encoded[4]]);
    for (const [index, count] of [...counts, many].entries()) {
      assert.ok(isLengthOf(count, lengths[index]), `${lengths[index]} bytes for ${count} spans`);
    }
    // Nothing is left over: the next one need not wait.
    const longText = bodyOf(1, `]}]}]}${" ".repeat(300_000)}`);
    assert.deepEqual(encodeSpans(encoder, longText).encoded, [undefined]);
  });

  test("the encoder of JSON requests keeps the bytes of a request until it has been used", async (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    const bounds = "0,".repeat(50_000);
    const metrics = (rest: string) =>
      Buffer.from(
        `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"explicitBounds":[${bounds}0]}]}}]}]}]}${rest}`,
      );
    // A small one becomes 400 kB, the others are large.
    for (const rest of ["", " ".repeat(300_000), " ".repeat(1_000_000)]) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const json = metrics(rest);
      let used: Uint8Array | undefined;
      const body = { chunks: [json], byteLength: json.byteLength };
      const encoded = encoder.encode(
        "metrics",
        body,
        "hex",
        ({ bytes }, areBytesShared) => {
          // What a small request becomes is overwritten by the next one.
          assert.equal(areBytesShared, rest === "");
          used = areBytesShared ? bytes.slice() : bytes;
          return promise;
        },
        patient,
      );
      const before = Buffer.from(used ?? []);
      const others = encodeSpans(encoder, bodyOf(100), bodyOf(100_000));
      while (used === undefined) await turn();
      await turn();
      if (before.byteLength > 0) assert.ok(before.equals(used));
      assert.ok(used.byteLength > 400_000);
      assert.equal(others.lengths.length, rest === "" ? 2 : 1);
      resolve();
      await Promise.all([encoded, ...others.encoded]);
      assert.equal(others.lengths.length, 2);
    }
  });

  test("the encoder of JSON requests throws what the use of an encoded request throws, and goes on", async (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    const use = () => {
      throw new Error("of the use");
    };
    const first = encoder.encode("traces", bodyOf(many), "hex", use, patient);
    const second = encodeSpans(encoder, bodyOf(many));
    await assert.rejects(Promise.resolve(first), { message: "of the use" });
    await second.encoded[0];
    assert.ok(isLengthOf(many, second.lengths[0]));
  });

  test("the encoder of JSON requests finishes a large request though it is closed meanwhile, and takes new memory for the next", async () => {
    const encoder = new JsonEncoder(2 ** 22);
    const first = encodeSpans(encoder, bodyOf(many));
    encoder.close();
    const second = encodeSpans(encoder, bodyOf(many));
    await Promise.all([...first.encoded, ...second.encoded]);
    encoder.close();
    assert.ok(isLengthOf(many, first.lengths[0]) && isLengthOf(many, second.lengths[0]));
  });

  test("the encoder of JSON requests gives a large request up when its caller left", async (t) => {
    const encoder = new JsonEncoder(2 ** 22);
    t.after(() => encoder.close());
    const callers = Array.from({ length: 3 }, someCaller);
    const used: number[] = [];
    const encoded = callers.map((caller, index) =>
      encoder.encode("traces", bodyOf(many), "hex", () => void used.push(index), caller),
    );
    // The first is being read, and the second waits.
    callers[0]?.leave();
    callers[1]?.leave();
    for (const given of encoded.slice(0, 2)) {
      await assert.rejects(Promise.resolve(given), { code: "cancelled" });
    }
    await encoded[2];
    assert.deepEqual(used, [2]);
  });
});
