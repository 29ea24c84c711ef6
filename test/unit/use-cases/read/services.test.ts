import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCursors } from "../../../../src/use-cases/read/cursor.ts";
import { keep, logsOf, spansOf } from "../../../contract/store-requests.ts";
import { buildReader } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";

describe("a list of services", () => {
  const namesOf = ({ services }: { readonly services: readonly { readonly name: string }[] }) =>
    services.map(({ name }) => name);

  it("pages by name, by the number of services and by bytes", () => {
    const { reader, store } = buildReader({ sizeOf: () => 100 });
    for (const serviceName of ["d", "b", "", "a", "c"]) keep(store, "traces", spansOf(1, { serviceName }));
    for (const bounds of [{ limit: 2 }, { maxBytes: 250 }]) {
      const first = reader.services(bounds);
      const second = reader.services({ ...bounds, after: first.cursor });
      const third = reader.services({ ...bounds, after: second.cursor });
      assert.deepEqual([first, second, third].map(namesOf), [["", "a"], ["b", "c"], ["d"]]);
      assert.equal(third.cursor, "");
    }
    assert.equal(reader.services({ limit: 5 }).cursor, "");
  });

  it("goes on after the service without a name", () => {
    const { reader, store } = buildReader();
    for (const serviceName of ["", "a"]) keep(store, "traces", spansOf(1, { serviceName }));
    assert.deepEqual(namesOf(reader.services({ after: reader.services({ limit: 1 }).cursor })), ["a"]);
  });

  it("cuts names of more than 1 KiB, and counts those that are equal then as one", () => {
    const { reader, store } = buildReader();
    const long = "ü".repeat(600);
    keep(store, "traces", spansOf(1, { serviceName: `${long}1` }));
    keep(store, "traces", spansOf(2, { serviceName: `${long}2` }));
    keep(store, "logs", logsOf(4, { serviceName: "x".repeat(1_024) }));
    assert.deepEqual(reader.services().services, [
      { name: "x".repeat(1_024), items: { traces: 0, logs: 4, metrics: 0, profiles: 0 } },
      { name: `${"ü".repeat(512)}...`, items: { traces: 3, logs: 0, metrics: 0, profiles: 0 } },
    ]);
  });

  it("refuses bad arguments by name", () => {
    const { reader } = buildReader();
    for (const [query, message] of [
      [{ limit: 10_001 }, "limit: must be a whole number from 1 to 10000"],
      [{ maxBytes: 2 ** 26 + 1 }, "max_bytes: must be a whole number from 1 to 67108864"],
      // The run of a store may have any letter at its start.
      [{ after: createCursors("s-run").encode({ traces: 1 }) }, "after: not a cursor of ListServices"],
    ] as const) {
      assert.throws(() => reader.services(query), refusal(message));
    }
  });
});
