import assert from "node:assert/strict";
import { test } from "node:test";
import { type GraphLayout, layOut, nodeHeight } from "../../../../../src/web/views/services/graph-layout.ts";

const pair = (caller: string, callee: string, peer = false) => ({ caller, callee, peer, calls: 1 });
const place = ({ nodes }: GraphLayout, name: string) => nodes.find((node) => node.name === name)!;

test("a service stands to the right of all that call it", () => {
  const layout = layOut(
    [pair("web", "shop"), pair("shop", "payments"), pair("web", "payments"), pair("payments", "bank", true)],
    ["payments", "shop", "web"],
  );
  const x = (name: string) => place(layout, name).x;
  assert.ok(x("web") < x("shop") && x("shop") < x("payments") && x("payments") < x("bank"));
  assert.deepEqual(
    layout.nodes.filter(({ peer }) => peer).map(({ name }) => name),
    ["bank"],
  );
});

test("services that call each other, or themselves, are each placed once", () => {
  const calls = [pair("a", "b"), pair("b", "c"), pair("c", "a"), pair("b", "b")];
  const layout = layOut(calls, ["a", "b", "c"]);
  assert.deepEqual(layout.nodes.map(({ name }) => name).sort(), ["a", "b", "c"]);
  assert.equal(layout.edges.length, 4);
  assert.ok(layout.edges.every(({ path }) => /^M [-\d. ,MC]+$/.test(path)));
});

test("a service of a name and something silent of the same name are two", () => {
  const layout = layOut([pair("a", "db", true), pair("a", "db")], ["a", "db"]);
  assert.equal(layout.nodes.length, 3);
});

test("a service that calls nobody is placed too, and nothing has no size to speak of", () => {
  assert.deepEqual(
    layOut([], ["alone"]).nodes.map(({ name }) => name),
    ["alone"],
  );
  assert.deepEqual(layOut([], []).nodes, []);
});

test("of many services no two lie on each other, and all lie within the drawing", () => {
  const names = Array.from({ length: 60 }, (_, i) => `s${i}`);
  const calls = names.flatMap((name, i) => [
    pair(name, `s${(i * 7 + 3) % 60}`),
    pair(name, `s${(i * 11 + 5) % 60}`),
  ]);
  const { nodes, width, height } = layOut(calls, names);
  assert.equal(nodes.length, 60);
  assert.equal(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size, 60);
  assert.ok(nodes.every(({ x, y }) => x >= 0 && y >= 0 && x < width && y + nodeHeight <= height));
});

test("lines of two pairs in parallel do not cross", () => {
  const layout = layOut([pair("a", "z"), pair("b", "y")], ["a", "b", "y", "z"]);
  const y = (name: string) => place(layout, name).y;
  assert.equal(Math.sign(y("a") - y("b")), Math.sign(y("z") - y("y")));
});
