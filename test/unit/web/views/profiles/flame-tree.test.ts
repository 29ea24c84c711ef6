import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boxesOf,
  flameTree,
  frameAt,
  neighbour,
  pathOf,
  valueWith,
} from "../../../../../src/web/views/profiles/flame-tree.ts";

const stacks = [
  { stack: "main;serve;read", value: "30" },
  { stack: "main;serve", value: "10" },
  { stack: "main;collect", value: "50" },
  { stack: "idle;main", value: "10" },
];
const root = flameTree(stacks, "all");
const at = (...path: string[]) => frameAt(root, path);

test("a frame has the value of all stacks that go through it, and of those that end with it", () => {
  assert.deepEqual([root.value, root.self], [100, 0]);
  assert.deepEqual([at("main").value, at("main").self], [90, 0]);
  assert.deepEqual([at("main", "serve").value, at("main", "serve").self], [40, 10]);
});

test("frames lie side by side below their caller, the largest first", () => {
  const places = boxesOf(root, 0).map(({ frame, left, width }) => [pathOf(frame).join(), left, width]);
  assert.deepEqual(places.sort(), [
    ["", 0, 100],
    ["idle", 90, 10],
    ["idle,main", 90, 10],
    ["main", 0, 90],
    ["main,collect", 0, 50],
    ["main,serve", 50, 40],
    ["main,serve,read", 50, 30],
  ]);
});

test("a frame that is looked at closer has the whole width, and so have those above it", () => {
  const places = boxesOf(at("main", "serve"), 0).map(({ frame, left, width }) => [frame.name, left, width]);
  assert.deepEqual(places, [
    ["main", 0, 100],
    ["all", 0, 100],
    ["serve", 0, 100],
    ["read", 0, 75],
  ]);
});

test("frames that are too narrow to be seen are left out, with what is below them", () => {
  const names = boxesOf(root, 20).map(({ frame }) => pathOf(frame).join());
  assert.ok(!names.includes("idle") && !names.includes("idle,main"));
});

test("a stack counts once in a search, however many of its functions match", () => {
  assert.equal(valueWith(root, "MAIN"), 100);
  assert.equal(valueWith(root, "serve"), 40);
  assert.equal(valueWith(root, "nothing"), 0);
});

test("a path that is not there leads to the nearest frame above it", () => {
  assert.equal(at("main", "gone", "read"), at("main"));
});

test("arrows lead to the caller, to what it calls, and to its neighbours, and stay where there is none", () => {
  assert.equal(neighbour(at("main"), "up"), root);
  assert.equal(neighbour(root, "up"), root);
  assert.equal(neighbour(at("main"), "down"), at("main", "collect"));
  assert.equal(neighbour(at("main", "collect"), "right"), at("main", "serve"));
  assert.equal(neighbour(at("main", "serve"), "right"), at("main", "serve"));
  assert.equal(neighbour(at("main", "serve"), "left"), at("main", "collect"));
});

test("a profile without stacks, and one with values below 0, make a tree", () => {
  assert.equal(boxesOf(flameTree([], "all"), 1).length, 1);
  assert.equal(flameTree([{ stack: "a", value: "-5" }], "all").value, 0);
});
