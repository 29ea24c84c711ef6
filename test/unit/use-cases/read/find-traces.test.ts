import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EncodedItem } from "../../../../src/domain/encoded-item.ts";
import type { TraceId } from "../../../../src/domain/ids.ts";
import { decodeSpan } from "../../../../src/otlp/decode/decode-item.ts";
import type { FoundTraces } from "../../../../src/use-cases/read/find-traces.ts";
import { keep, spansWith } from "../../../contract/store-requests.ts";
import { buildReader } from "../../../support/reader.ts";

const hex = (n: number) => Buffer.alloc(16, n).toString("hex") as TraceId;
const of = (n: number, name: string) => ({ traceId: Buffer.alloc(16, n), name });
/** Each span takes one byte of the answer. */
const show = (encoded: EncodedItem) => ({ value: decodeSpan(encoded).name, byteLength: 1 });
const plain = ({ traces, tracesLeftOut }: FoundTraces<string>) => ({
  traces: traces.map(({ traceId, spans, spansLeftOut }) => [traceId.slice(0, 2), spans, spansLeftOut]),
  tracesLeftOut,
});

function build() {
  const { store, answers, wholeReader: reader } = buildReader({ pace: { maxItems: 2 } });
  const requests = [
    [of(1, "a"), of(2, "a"), of(1, "b")],
    [of(3, "c"), of(2, "b"), of(3, "a")],
  ];
  for (const spans of requests) keep(store, "traces", spansWith(...spans));
  return { store, answers, reader, share: () => answers.open() };
}

describe("whole traces", () => {
  it("every trace of which a span matches is found with all its spans, the newest match first", async () => {
    const { reader, share } = build();
    const found = await reader.findTraces({ filter: { name: "b" }, share: share() }, show);
    assert.deepEqual(plain(found), {
      traces: [
        ["02", ["a", "b"], 0],
        ["01", ["a", "b"], 0],
      ],
      tracesLeftOut: 0,
    });
  });

  it("no more traces are found than the limit, and conditions beside the filter are met", async () => {
    const { reader, share } = build();
    const limited = await reader.findTraces({ limit: 1, share: share() }, show);
    assert.deepEqual(plain(limited).traces, [["03", ["c", "a"], 0]]);
    const also = [{ name: "name", isMet: ({ name }: { readonly name: string }) => name === "c" }];
    const chosen = await reader.findTraces({ also, share: share() }, show);
    assert.deepEqual(plain(chosen).traces, [["03", ["c", "a"], 0]]);
  });

  it("a trace that does not fit is left out with those after it", async () => {
    const { reader, share } = build();
    const found = await reader.findTraces({ maxBytes: 3, share: share() }, show);
    assert.deepEqual(plain(found), { traces: [["03", ["c", "a"], 0]], tracesLeftOut: 2 });
  });

  it("the first trace is cut when it does not fit by itself, but has one span at least", async () => {
    const { reader, share } = build();
    const cut = await reader.findTraces({ maxBytes: 1, share: share() }, show);
    assert.deepEqual(plain(cut), { traces: [["03", ["c"], 1]], tracesLeftOut: 2 });
    const large = (encoded: EncodedItem) => ({ ...show(encoded), byteLength: 9 });
    const one = await reader.readTraces([hex(1)], { maxBytes: 8, share: share() }, large);
    assert.deepEqual(plain(one), { traces: [["01", ["a"], 1]], tracesLeftOut: 0 });
  });

  it("traces are read by their ids in the order asked for, without those that are not held", async () => {
    const { reader, share } = build();
    const found = await reader.readTraces([hex(1), hex(9), hex(3)], { share: share() }, show);
    assert.deepEqual(plain(found).traces, [
      ["01", ["a", "b"], 0],
      ["03", ["c", "a"], 0],
    ]);
  });

  it("a span that cannot be shown is skipped and counted as unreadable", async () => {
    const { reader, share } = build();
    const failing = (encoded: EncodedItem) => {
      const shown = show(encoded);
      if (shown.value === "c") throw new Error("not shown");
      return shown;
    };
    const found = await reader.readTraces([hex(3)], { share: share() }, failing);
    assert.deepEqual(plain(found).traces, [["03", ["a"], 0]]);
    assert.equal(reader.stats().traces.unreadable, 1);
  });

  it("reading whole traces takes its memory from the share, and ends when the caller goes away", async () => {
    const { reader, answers, share } = build();
    const held = share();
    await reader.findTraces({ share: held }, show);
    assert.equal(answers.bytes, 6);
    held.release();
    const abort = AbortSignal.abort(new Error("gone"));
    await assert.rejects(reader.findTraces({ share: share(), abort }, show), /gone/);
    await assert.rejects(reader.readTraces([hex(1)], { share: share(), abort }, show), /gone/);
    await assert.rejects(reader.findTraces({ limit: 0, share: share() }, show), {
      code: "invalid-argument",
      message: /^limit: /,
    });
  });
});
