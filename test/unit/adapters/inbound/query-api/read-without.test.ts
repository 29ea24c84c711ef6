import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { SpanFilterSchema } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { readEachWithout, readWithout } from "../../../../../src/adapters/inbound/query-api/item-messages.ts";
import { turnsOfCalls } from "../../../../support/turns-of-calls.ts";

test("filters that leave traces out are read in order, each in a turn of the event loop of its own, by its path", async () => {
  const turns = turnsOfCalls();
  const paths: string[] = [];
  const filters = await readEachWithout(["a", "b", "c"], async (name, path) => {
    turns.note();
    paths.push(path);
    return { name };
  });
  assert.equal(turns.end(), 3);
  assert.deepEqual(paths, ["without[0]", "without[1]", "without[2]"]);
  assert.deepEqual(filters, [{ name: "a" }, { name: "b" }, { name: "c" }]);
});

test("a filter that leaves traces out and cannot be read is refused by its path, and those after it are not read", async () => {
  const read: string[] = [];
  const reading = readEachWithout(["a", "b", "c"], async (name) => {
    read.push(name);
    if (name === "b") throw new Error(name);
    return {};
  });
  await assert.rejects(reading, /^Error: b$/);
  assert.deepEqual(read, ["a", "b"]);
  const bad = [create(SpanFilterSchema), create(SpanFilterSchema, { traceId: "1" })];
  await assert.rejects(readWithout(bad), /without\[1\]\.trace_id: a trace id is 32 hex digits/);
});

test("32 filters that leave traces out are read, and 33 are refused", async () => {
  const filters = (count: number) => Array.from({ length: count }, () => create(SpanFilterSchema));
  assert.equal((await readWithout(filters(32))).length, 32);
  await assert.rejects(readWithout(filters(33)), { message: "without: at most 32 are allowed" });
});
