import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonRequests, NotOtlp } from "../../../../../src/web/views/files/json-pieces.ts";

const request = (spans: readonly unknown[], name = "shop") => ({
  resourceSpans: [
    { resource: { attributes: [{ key: name }] }, scopeSpans: [{ scope: { name: "s" }, spans }] },
  ],
});
/** What is sent, and what is told of lines that are not. */
const read = (text: string, max = 1_000_000) => {
  const bad: string[] = [];
  const requests = [...jsonRequests(text, max, (number, reason) => bad.push(`${number}: ${reason}`))];
  return { requests, bad };
};
const all = (text: string, max?: number) =>
  read(text, max).requests.map(({ signal, json }) => ({ signal, json }));

test("one request, several in an array, and one on each line are read", () => {
  const one = request([{ name: "a" }]);
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] };
  const texts = [
    JSON.stringify(one, undefined, 2),
    JSON.stringify([one, logs]),
    `${JSON.stringify(one)}\n\n${JSON.stringify(logs)}\r\n`,
  ];
  assert.deepEqual(all(texts[0]!), [{ signal: "traces", json: JSON.stringify(one) }]);
  for (const text of texts.slice(1)) {
    assert.deepEqual(
      all(text).map(({ signal }) => signal),
      ["traces", "logs"],
    );
  }
});

test("a time that is a number stays exact to the nanosecond", () => {
  const [only] = all(
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":1764237600123456789}]}]}]}',
  );
  assert.match(only!.json, /"startTimeUnixNano":"1764237600123456789"/);
});

test("a large request becomes several that have all its items, each with its resource and scope", () => {
  const spans = Array.from({ length: 100 }, (_, index) => ({ name: `span ${index}` }));
  const pieces = all(JSON.stringify(request(spans)), 400);
  assert.ok(pieces.length > 5);
  assert.ok(pieces.every(({ json }) => json.length <= 400));
  const read = pieces.map(({ json }) => JSON.parse(json).resourceSpans[0]);
  assert.ok(
    read.every((one) => one.resource.attributes[0].key === "shop" && one.scopeSpans[0].scope.name === "s"),
  );
  assert.deepEqual(
    read.flatMap((one) => one.scopeSpans.flatMap((scope: { spans: unknown[] }) => scope.spans)),
    spans,
  );
});

test("an item that is larger than a piece is a piece of its own", () => {
  const spans = [{ name: "a" }, { name: "x".repeat(1_000) }, { name: "b" }];
  assert.equal(all(JSON.stringify(request(spans)), 400).length, 3);
});

test("profiles stay with their dictionary", () => {
  const whole = { resourceProfiles: [{}, {}], dictionary: { stringTable: ["", "cpu"] } };
  assert.deepEqual(all(JSON.stringify(whole), 10), [{ signal: "profiles", json: JSON.stringify(whole) }]);
});

test("what is no OTLP is told", () => {
  assert.throws(() => all('{"data":[]}'), /it is JSON, but not of OTLP/);
  assert.throws(() => all("[1]"), NotOtlp);
});

test("lines of one signal are put together below the limit, in their order", () => {
  const lines = Array.from({ length: 100 }, (_, index) => request([{ name: `span ${index}` }]));
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] };
  const text = lines.flatMap((line) => [line, logs]).map((line) => JSON.stringify(line));
  const { requests, bad } = read(text.join("\n"), 2_000);
  assert.deepEqual(bad, []);
  assert.ok(requests.length < 20, `${requests.length} requests`);
  assert.ok(requests.every(({ json }) => json.length <= 2_000 + 30));
  const traces = requests.filter(({ signal }) => signal === "traces");
  assert.deepEqual(
    traces.flatMap(({ json }) => JSON.parse(json).resourceSpans),
    lines.flatMap(({ resourceSpans }) => resourceSpans),
  );
  const alone = traces.flatMap((one) => one.lines);
  assert.deepEqual(
    alone.map(({ number }) => number),
    lines.map((_, index) => 2 * index + 1),
  );
  assert.deepEqual(JSON.parse(alone[7]!.json), lines[7]);
});

test("each line of profiles is a request of its own, with its dictionary", () => {
  const one = { resourceProfiles: [{}], dictionary: { stringTable: ["", "cpu"] } };
  assert.deepEqual(
    all(`${JSON.stringify(one)}\n${JSON.stringify(one)}\n`).map(({ json }) => JSON.parse(json)),
    [one, one],
  );
});

test("lines that are no JSON, or not of OTLP, are told by their numbers, and the others are sent", () => {
  const { requests, bad } = read(`${JSON.stringify(request([{}]))}\n\n{"data":[]}\n{"torn`);
  assert.equal(requests.length, 1);
  assert.equal(bad.length, 2);
  assert.match(bad[0]!, /^3: it is JSON, but not of OTLP/);
  assert.equal(bad[1], "4: it is no JSON");
});
