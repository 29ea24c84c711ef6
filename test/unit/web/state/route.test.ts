import assert from "node:assert/strict";
import { test } from "node:test";
import { isToken, joinValues, parseRoute, routeHref, tokenOf } from "../../../../src/web/state/route.ts";

test("parameters that are called like what objects have are parameters like others", () => {
  const { params } = parseRoute("#/logs?constructor=a&__proto__=b&toString=c");
  assert.deepEqual(Object.entries(params), [
    ["constructor", "a"],
    ["__proto__", "b"],
    ["toString", "c"],
  ]);
});

test("a route is read from the link that was made of it", () => {
  const routes = [
    { view: "traces", id: "", params: {} },
    { view: "trace", id: "5b8e", params: { span: "eee1", find: "a b&c=d" } },
    { view: "logs", id: "", params: { "attr.http.url": "http://x/?y=1#z", service: "shop/ä" } },
  ] as const;
  for (const route of routes) assert.deepEqual(parseRoute(routeHref(route)), route);
});

test("no route, and one that is not known, are the list of traces", () => {
  for (const hash of ["", "#", "#/", "#/nowhere/1"]) assert.equal(parseRoute(hash).view, "traces", hash);
});

test("a broken escape in a link is taken as it is", () => {
  assert.equal(parseRoute("#/trace/%E0%A4%A").id, "%E0%A4%A");
});

test("an empty parameter is left out of the link", () => {
  assert.equal(routeHref({ view: "logs", params: { text: "", service: "shop" } }), "#/logs?service=shop");
});

test("a link that ends with a token signs in and leads where it would without, and no other does", () => {
  assert.deepEqual(tokenOf("#token=a%2Fb"), { token: "a/b", rest: "" });
  assert.deepEqual(tokenOf("#/traces?service=a#token=a%2Fb"), { token: "a/b", rest: "#/traces?service=a" });
  assert.equal(tokenOf("#/traces?token=a"), undefined);
  assert.equal(tokenOf(routeHref({ view: "traces", params: { find: "#token=a" } })), undefined);
  assert.equal(tokenOf("#token="), undefined);
});

test("several values of one parameter are parameters of the same name", () => {
  const params = { service: joinValues(["a", "b"]), status: "error" };
  const href = routeHref({ view: "traces", params });
  assert.equal(href, "#/traces?service=a&service=b&status=error");
  assert.deepEqual(parseRoute(href).params, params);
});

test("values of a parameter that are empty are left out", () => {
  assert.deepEqual(parseRoute("#/traces?service=&service=a&service=&service=b&status=").params, {
    service: joinValues(["a", "b"]),
    status: "",
  });
});

test("a token has visible ASCII characters, which a header field can hold", () => {
  for (const token of ["a", "se/cret%~", "a".repeat(4_096)]) assert.ok(isToken(token), token.slice(0, 20));
  for (const token of ["", "a b", "é", "€", "a\nb", "\0", "a".repeat(4_097)]) {
    assert.ok(!isToken(token), JSON.stringify(token).slice(0, 20));
  }
});
