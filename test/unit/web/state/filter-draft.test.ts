import assert from "node:assert/strict";
import { test } from "node:test";
import {
  conditionOf,
  conditionText,
  type Known,
  readDraft,
  suggestionsFor,
} from "../../../../src/web/state/filter-draft.ts";

const known: Known = {
  services: ["shop", "payments"],
  names: ["POST /checkout", "charge card"],
  attributes: [
    { key: "cart.id", values: ["c1", "c3"] },
    { key: "error.type", values: ["declined"] },
  ],
};

const labels = (typed: string, kind: "spans" | "logs" = "spans") =>
  suggestionsFor(kind, readDraft(kind, typed), known, "utc").map(({ label }) => label);

test("what is typed is read as a field, its sign and its value", () => {
  for (const [typed, expected] of [
    ["service: shop", ["service", "shop", false]],
    ["service=shop", ["service", "shop", false]],
    ["-service: shop", ["service", "shop", true]],
    ["service != shop", ["service", "shop", true]],
    ["!cart.id=c 3", ["attr.cart.id", "c 3", true]],
    ["cart.id≠c3", ["attr.cart.id", "c3", true]],
    ["cart.url: http://x/?a=b", ["attr.cart.url", "http://x/?a=b", false]],
    ["Name contains: a", ["name_contains", "a", false]],
    ["name: a", ["name", "a", false]],
    ["duration > 10ms", ["min", "10ms", false]],
    ["duration<=1s", ["max", "1s", false]],
    ["-severity: warn", ["attr.severity", "warn", true]],
    ["where: a == 1", ["where", "a == 1", false]],
    ['attributes["a.b"] >= 500', ["where", 'attributes["a.b"] >= 500', false]],
    ['attributes["a.b"] >= ', ["where", 'attributes["a.b"] >=', false]],
    ["resource['a.b']", ["where", "resource['a.b']", false]],
    ['!has(attributes.x) && name == "a"', ["where", '!has(attributes.x) && name == "a"', false]],
    ["name.startsWith('G')", ["where", "name.startsWith('G')", false]],
    ["card declined", [undefined, "card declined", false]],
    ["-card", [undefined, "card", true]],
    ["", [undefined, "", false]],
  ] as const) {
    const { field, text, excluded } = readDraft("spans", typed);
    assert.deepEqual([field?.param, text, excluded], expected, typed);
  }
});

test("a text alone is looked for everywhere, and a time is taken as the API takes it", () => {
  const condition = (typed: string) => conditionOf(readDraft("logs", typed), "logs", "utc");
  assert.equal(condition("declined")?.field.param, "text_contains");
  assert.equal(condition(""), undefined);
  assert.equal(condition("service:"), undefined);
  assert.equal(condition("since: 2026-11-27 10:00:00.5")?.value, "2026-11-27T10:00:00.500000000Z");
  assert.equal(condition("since: soon")?.value, "soon");
});

test("an id alone is first taken for that of a trace or a span, and else for a text", () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  assert.deepEqual(labels(trace), [`trace: ${trace}`, `text: ${trace}`]);
  assert.deepEqual(labels(`-${trace}`, "logs")[0], `-trace: ${trace}`);
  assert.deepEqual(labels("00F067AA0BA902B7"), ["span: 00F067AA0BA902B7", "text: 00F067AA0BA902B7"]);
  assert.deepEqual(labels("00f067aa0ba902b"), ["text: 00f067aa0ba902b"]);
});

test("a condition is read again from the text that edits it", () => {
  for (const typed of ["service: shop", "-cart.id: c3", "text: a b", 'where: name == "a"']) {
    assert.equal(conditionText(conditionOf(readDraft("spans", typed), "spans", "utc")!), typed);
  }
});

test("before anything is typed the completion shows the fields, then the attributes", () => {
  assert.deepEqual(labels("").slice(0, 3), ["service:", "name:", "name contains:"]);
});

test("a value that is typed whole comes first, then fields that begin so, then the text", () => {
  assert.deepEqual(labels("error").slice(0, 3), ["status: error", "error.type:", "text: error"]);
  assert.deepEqual(labels("shop")[0], "service: shop");
  assert.deepEqual(labels("card"), ["text: card", "name: charge card"]);
  assert.deepEqual(labels("cart")[0], "cart.id:");
});

test("the values of a field are completed, and what is typed itself comes first", () => {
  assert.deepEqual(labels("cart.id: c"), ["cart.id: c", "cart.id: c1", "cart.id: c3"]);
  assert.deepEqual(labels("-service:"), ["-service: shop", "-service: payments"]);
  assert.deepEqual(labels("status: un"), ["status: unset"]);
  assert.deepEqual(labels("severity: w", "logs"), ["severity: warn"]);
});

test("what cannot be excluded makes no condition, least of all the opposite one, and says so", () => {
  for (const [kind, typed, included] of [
    ["logs", "-declined", "declined"],
    ["logs", "-text: declined", "text: declined"],
    ["spans", "since != 10:00", "since: 10:00"],
  ] as const) {
    const draft = readDraft(kind, typed);
    assert.equal(conditionOf(draft, kind, "utc"), undefined, typed);
    const last = suggestionsFor(kind, draft, known, "utc").at(-1);
    assert.deepEqual([last?.draft, last?.conditions], [included, undefined]);
    assert.match(last?.hint ?? "", / cannot be excluded$/);
  }
  assert.equal(conditionOf(readDraft("logs", "severity != error"), "logs", "utc"), undefined);
});

test("texts and durations are excluded from the list of traces", () => {
  for (const [typed, param, value] of [
    ["-declined", "text_contains", "declined"],
    ["-text: declined", "text_contains", "declined"],
    ["-duration > 10ms", "min", "10ms"],
  ] as const) {
    const draft = readDraft("spans", typed);
    const condition = conditionOf(draft, "spans", "utc");
    assert.deepEqual([condition?.field.param, condition?.value, condition?.excluded], [param, value, true]);
    const lines = suggestionsFor("spans", draft, known, "utc");
    assert.ok(
      lines.some((line) => line.conditions?.[0]?.excluded && line.conditions[0].value === value),
      typed,
    );
  }
});

test("for what is excluded only fields are shown that can exclude", () => {
  assert.ok(!labels("-", "logs").includes("-text:"));
  assert.ok(!labels("-").includes("-since:"));
  assert.ok(!labels("-", "logs").includes("-where:"));
  assert.ok(labels("-").includes("-service:"));
});

test("a value in quotes is taken without them, and a quote that is escaped stays", () => {
  for (const [typed, value] of [
    ['name: "x"', "x"],
    ["name: 'POST /a: b, c'", "POST /a: b, c"],
    ['name: \\"x\\"', '"x"'],
    ['name: "a \\"b\\" \\\\ c"', 'a "b" \\ c'],
    ['name: "unfinished', "unfinished"],
    ['name: "a" and "b"', '"a" and "b"'],
    ['name: 5" disk', '5" disk'],
    ["name: C:\\new", "C:\\new"],
    ['"card declined"', "card declined"],
  ] as const) {
    assert.equal(readDraft("spans", typed).text, value, typed);
  }
  const odd = ['"x"', 'a\\"b', " a ", "'", ">= 5", "\\", "a: b, c"];
  for (const value of odd) {
    for (const key of ["name", "cart.id", "a key: with = signs"]) {
      const field = readDraft("spans", `${JSON.stringify(key)}: x`).field ?? assert.fail();
      const text = conditionText({ field, value, excluded: false });
      const again = readDraft("spans", text);
      assert.deepEqual([again.field?.param, again.text], [field.param, value], text);
    }
  }
});

test("an order or a pattern of an attribute is an expression, also as other tools write it", () => {
  for (const [typed, where] of [
    ["http.response.status_code >= 500", 'attributes["http.response.status_code"] >= 500'],
    ["http.response.status_code:>=500", 'attributes["http.response.status_code"] >= 500'],
    ["span.http.status_code<400", 'attributes["http.status_code"] < 400'],
    ["{ .http.status_code > 499 }", 'attributes["http.status_code"] > 499'],
    ["cart.id ~ c[1-3]", 'attributes["cart.id"].matches("c[1-3]")'],
    ['cart.id =~ "c.*"', 'attributes["cart.id"].matches("c.*")'],
    ["name =~ GET.*", 'name.matches("GET.*")'],
    ["service.version >= 1.2.0", 'attributes["service.version"] >= "1.2.0"'],
    ["attributes.total >= 5", "attributes.total >= 5"],
    ['service == "a" || service == "b"', 'service == "a" || service == "b"'],
    ['duration > duration("10ms")', 'duration > duration("10ms")'],
  ] as const) {
    const { field, text } = readDraft("spans", typed);
    assert.deepEqual([field?.param, text], ["where", where], typed);
  }
  assert.deepEqual(labels("process.pid > 5"), [
    'where: attributes["process.pid"] > 5',
    'where: resource["process.pid"] > 5',
  ]);
});

test("a comparison with a sign before it excludes traces, of which no span may be so, or log records that are so", () => {
  for (const [typed, where] of [
    ["-cart.total > 5", 'attributes["cart.total"] > 5'],
    ["!cart.total > 5", 'attributes["cart.total"] > 5'],
    ["NOT cart.total > 5", 'attributes["cart.total"] > 5'],
    ["cart.id !~ c.*", 'attributes["cart.id"].matches("c.*")'],
    ['-attributes["a"] == 1', 'attributes["a"] == 1'],
    ["-where: name == kind", "name == kind"],
  ] as const) {
    const ofTraces = conditionOf(readDraft("spans", typed), "spans", "utc");
    assert.deepEqual([ofTraces?.field.param, ofTraces?.value, ofTraces?.excluded], ["where", where, true]);
    if (typed.startsWith("-where")) continue;
    const ofLogs = conditionOf(readDraft("logs", typed), "logs", "utc");
    assert.deepEqual([ofLogs?.field.param, ofLogs?.value, ofLogs?.excluded], ["where", `!(${where})`, false]);
  }
  assert.equal(readDraft("spans", "-cart.id !~ c.*").excluded, false);
});

test("conditions of Lucene and TraceQL are read as the page's own", () => {
  for (const [typed, expected] of [
    ['service.name="x"', ["service", "x", false]],
    ['{ resource.service.name = "x" }', ["service", "x", false]],
    ["status=error", ["status", "error", false]],
    ["status == error", ["status", "error", false]],
    ["NOT status:error", ["status", "error", true]],
    ['cart.id == "c3"', ["attr.cart.id", "c3", false]],
    ['cart.id != "c3"', ["attr.cart.id", "c3", true]],
    ["span.cart.id=c3", ["attr.cart.id", "c3", false]],
    ["span.kind=server", ["attr.span.kind", "server", false]],
    ["duration>10ms", ["min", "10ms", false]],
    ["duration:<=1s", ["max", "1s", false]],
    ["trace_id: 4bf92f", ["trace", "4bf92f", false]],
  ] as const) {
    const { field, text, excluded } = readDraft("spans", typed);
    assert.deepEqual([field?.param, text, excluded], expected, typed);
  }
  assert.equal(readDraft("logs", "severity >= warn").field?.param, "severity");
  assert.equal(conditionOf(readDraft("spans", "status: ERROR"), "spans", "utc")?.value, "error");
});
