import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createCursors } from "../../../../src/use-cases/read/cursor.ts";
import { keep, logsOf, spansOf } from "../../../contract/store-requests.ts";
import { buildReader } from "../../../support/reader.ts";
import { refusal } from "../../../support/refusal.ts";
import { turnsOfCalls } from "../../../support/turns-of-calls.ts";

describe("a list of services", () => {
  const namesOf = ({ services }: { readonly services: readonly { readonly name: string }[] }) =>
    services.map(({ name }) => name);

  it("lists of services that are asked for together have a turn of the event loop each", async () => {
    const { reader, store } = buildReader();
    keep(store, "traces", spansOf(1));
    const services = store.services.bind(store);
    const turns = turnsOfCalls();
    store.services = (signal, from) => {
      turns.note();
      return services(signal, from);
    };
    await Promise.all([reader.services(), reader.services(), reader.services()]);
    assert.equal(turns.end(), 3);
  });

  it("a list of services is shown in short steps", async () => {
    const turns = turnsOfCalls();
    const sizeOf = () => {
      turns.note();
      return 1;
    };
    const { reader, store } = buildReader({ sizeOf, pace: { maxMs: 0 } });
    for (const serviceName of ["a", "b", "c"]) keep(store, "traces", spansOf(1, { serviceName }));
    await reader.services();
    assert.equal(turns.end(), 3);
  });

  it("a list of services has pages by name, bounded by the number of services and by bytes", async () => {
    const { reader, store } = buildReader({ sizeOf: () => 100 });
    for (const serviceName of ["d", "b", "", "a", "c"]) keep(store, "traces", spansOf(1, { serviceName }));
    for (const bounds of [{ limit: 2 }, { maxBytes: 250 }]) {
      const first = await reader.services(bounds);
      const second = await reader.services({ ...bounds, after: first.cursor });
      const third = await reader.services({ ...bounds, after: second.cursor });
      assert.deepEqual([first, second, third].map(namesOf), [["", "a"], ["b", "c"], ["d"]]);
      assert.equal(third.cursor, "");
    }
    assert.equal((await reader.services({ limit: 5 })).cursor, "");
  });

  it("a list of services counts the items that the store looks at in many calls, and stops when its call is aborted", async () => {
    const { reader, store } = buildReader({ maxRows: 3 });
    for (let i = 0; i < 10; i++) keep(store, "traces", spansOf(1, { serviceName: i < 6 ? "a" : "b" }));
    const { services } = await reader.services();
    assert.deepEqual(
      services.map(({ name, items }) => [name, items.traces]),
      [
        ["a", 6],
        ["b", 4],
      ],
    );
    const controller = new AbortController();
    const reason = new Error("gone");
    const listing = reader.services({ abort: controller.signal });
    controller.abort(reason);
    await assert.rejects(listing, reason);
  });

  it("a list of services goes on after the service without a name", async () => {
    const { reader, store } = buildReader();
    for (const serviceName of ["", "a"]) keep(store, "traces", spansOf(1, { serviceName }));
    assert.deepEqual(
      namesOf(await reader.services({ after: (await reader.services({ limit: 1 })).cursor })),
      ["a"],
    );
  });

  it("a list of services cuts names of more than 1 KiB, and counts those that are equal then as one", async () => {
    const { reader, store } = buildReader();
    const long = "ü".repeat(600);
    keep(store, "traces", spansOf(1, { serviceName: `${long}1` }));
    keep(store, "traces", spansOf(2, { serviceName: `${long}2` }));
    keep(store, "logs", logsOf(4, { serviceName: "x".repeat(1_024) }));
    assert.deepEqual((await reader.services()).services, [
      { name: "x".repeat(1_024), items: { traces: 0, logs: 4, metrics: 0, profiles: 0 } },
      { name: `${"ü".repeat(512)}...`, items: { traces: 3, logs: 0, metrics: 0, profiles: 0 } },
    ]);
  });

  it("a list of services refuses bad arguments by name", async () => {
    const { reader } = buildReader();
    for (const [query, message] of [
      [{ limit: 10_001 }, "limit: must be a whole number from 1 to 10000"],
      [{ maxBytes: 2 ** 26 + 1 }, "max_bytes: must be a whole number from 1 to 67108864"],
      // The run of a store may have any letter at its start.
      [{ after: createCursors("s-run").encode({ traces: 1 }) }, "after: not a cursor of ListServices"],
    ] as const) {
      await assert.rejects(reader.services(query), refusal(message));
    }
  });
});
