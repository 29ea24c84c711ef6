import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../../../../../src/adapters/inbound/listener/connection.ts";
import { OpenCalls } from "../../../../../src/adapters/inbound/listener/open-calls.ts";

const client = (): Client => ({
  connections: new Set(),
  idle: new Set(),
  callBytes: 0,
  otherBytes: 0,
  pieces: 0,
});
const headers = [":method", "POST", "content-type", "application/grpc"];

/** Opens calls until there is no room; returns those that are open. */
function fill(calls: OpenCalls, of: Client, rawHeaders = headers, isExport = true): object[] {
  const open: object[] = [];
  for (;;) {
    const call = {};
    if (!calls.open(of, call, isExport, rawHeaders)) return open;
    open.push(call);
  }
}

describe("the bound of open HTTP/2 calls", () => {
  it("the room for open calls is half for one client, and all for two", () => {
    const calls = new OpenCalls();
    const [first, second, third] = [client(), client(), client()];
    const ofFirst = fill(calls, first);
    assert.ok(ofFirst.length > 2_500 && ofFirst.length < 3_000, `${ofFirst.length} calls`);
    assert.equal(fill(calls, second).length, ofFirst.length);
    assert.equal(fill(calls, third).length, 0);
  });

  it("the room for open calls counts other calls as more than exports", () => {
    const open = fill(new OpenCalls(), client(), headers, false).length;
    assert.ok(open > 300 && open < 400, `${open} calls`);
  });

  it("the room for open calls counts the bytes of the headers", () => {
    const long = [...headers, "authorization", "x".repeat(16_000)];
    assert.ok(fill(new OpenCalls(), client(), long).length < 800);
  });

  it("the room for open calls comes back when calls close, and only then", () => {
    const calls = new OpenCalls();
    const one = client();
    const open = fill(calls, one);
    calls.close(one, {});
    assert.equal(fill(calls, one).length, 0);
    for (const call of open) calls.close(one, call);
    assert.equal(one.callBytes, 0);
    assert.equal(fill(calls, one).length, open.length);
  });
});
