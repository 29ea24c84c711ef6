import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { requestSchemas } from "../../src/otlp/services.ts";
import { requestOf } from "../contract/store-requests.ts";
import { leafName, leavesOf, pathName, sentinelOf, withLeaf, zeroOf } from "../support/every-field.ts";
import { ingestNow, send } from "../support/ingest.ts";
import { query, startObsvty } from "../support/obsvty.ts";
import { notShown, otlpBases, readBack } from "../support/otlp-bases.ts";

describe("the API shows every field that OTLP defines", () => {
  for (const { signal, data, request: base } of otlpBases) {
    const { method, list } = readBack[signal];
    test(`the API shows every field that OTLP defines in ${signal}${data === undefined ? "" : ` of type ${data}`}`, async (t) => {
      const server = await startObsvty(t);
      const schema: DescMessage = requestSchemas[signal];
      const show = async (message: Message): Promise<string | undefined> => {
        const outcome = ingestNow(server.core.ingest, signal, toBinary(schema, message));
        if (outcome.kind !== "accepted") return undefined;
        const { [list]: items } = await query(server, method, { limit: 1 });
        const { cursor, ...item } = items[0];
        return JSON.stringify(item);
      };
      const bare = await show(create(schema, base as never));
      assert.ok(bare !== undefined);
      const missing: string[] = [];
      for (const path of leavesOf(schema)) {
        const member = path.find(({ oneof }) => oneof?.name === "data");
        if (member !== undefined && member.localName !== data) continue;
        if (Object.hasOwn(notShown, leafName(path))) continue;
        const field = path.at(-1)!;
        const shown = await show(withLeaf(schema, base, path, sentinelOf(field)));
        assert.ok(shown !== undefined, `the item is accepted with ${pathName(path)}`);
        // What holds the field is there in both. An item that is rejected without the field has it in the base.
        const unset = (await show(withLeaf(schema, base, path, zeroOf(field)))) ?? bare;
        if (shown === unset) missing.push(pathName(path));
      }
      assert.deepEqual(missing, []);
    });
  }

  test("the list of fields that the API does not show names fields of OTLP's schema alone", () => {
    const all = Object.values(requestSchemas).flatMap((schema) => leavesOf(schema).map(leafName));
    assert.deepEqual(
      Object.keys(notShown).filter((name) => !all.includes(name)),
      [],
    );
  });
});

test("items are found by the attributes of their scope, in every signal that is searched", async (t) => {
  const server = await startObsvty(t);
  const scope = { name: "http", version: "1.0" };
  for (const signal of ["traces", "logs", "metrics"] as const) {
    const { method, list } = readBack[signal];
    for (const pool of ["a", "b", "a"]) {
      send(server, signal, requestOf(signal, 2, { scope: { ...scope, attributes: { pool } } }));
    }
    const { [list]: found } = await query(server, method, { filter: { attributes: { pool: "b" } } });
    assert.deepEqual(
      found.map((item: { scope: { attributes: unknown } }) => item.scope.attributes),
      [{ pool: "b" }, { pool: "b" }],
    );
  }
});
