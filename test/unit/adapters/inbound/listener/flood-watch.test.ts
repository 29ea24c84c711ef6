import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { Client, Connection } from "../../../../../src/adapters/inbound/listener/connection.ts";
import { FloodWatch } from "../../../../../src/adapters/inbound/listener/flood-watch.ts";

const periodMs = 1_000;
const mib = 2 ** 20;

/** A connection of which bytes were read, some of them of bodies. */
type Read = Pick<Connection, "bodyBytes"> & { readonly socket: { bytesRead: number } };

function clientWith(...connections: readonly Read[]): Client {
  return {
    connections: new Set(connections as never[]),
    idle: new Set(),
    callBytes: 0,
    otherBytes: 0,
    pieces: 0,
  };
}

const nothingRead = (): Read => ({ bodyBytes: 0, socket: { bytesRead: 0 } });

/** A watch on an event loop that a test turns. */
function watchOf(t: TestContext) {
  let [nowMs, active, loopCount] = [0, 0, 0];
  t.mock.method(performance, "now", () => nowMs);
  t.mock.method(performance, "eventLoopUtilization", () => ({ active, idle: 0, utilization: 0 }));
  t.mock.getter(performance.nodeTiming, "uvMetricsInfo", () => ({ loopCount, events: 0, eventsWaiting: 0 }));
  const watch = new FloodWatch(periodMs);
  /** Looks after so many turns, each of which took so long. */
  const lookAfter = (clients: readonly Client[], turns: number, turnMs: number, lateMs = 0) => {
    nowMs += periodMs + lateMs;
    active += turns * turnMs;
    loopCount += turns;
    return watch.look(clients);
  };
  return lookAfter;
}

describe("the watch for floods", () => {
  const heldUp = {
    "one turn took a second": [1, 1_300, 300],
    "the turns took 60 ms on average": [16, 60, 0],
  } as const;
  for (const [what, [turns, turnMs, lateMs]] of Object.entries(heldUp)) {
    test(`finds the client that sent most beside bodies when ${what}`, (t) => {
      const lookAfter = watchOf(t);
      const [little, much, most] = [nothingRead(), nothingRead(), nothingRead()];
      const clients = [clientWith(little), clientWith(much), clientWith(most)];
      little.socket.bytesRead = mib;
      much.socket.bytesRead = 20 * mib;
      most.socket.bytesRead = 30 * mib;
      assert.equal(lookAfter(clients, turns, turnMs, lateMs), clients[2]);
      // What was read before the last look counts no more.
      assert.equal(lookAfter(clients, turns, turnMs, lateMs), undefined);
      much.socket.bytesRead += 20 * mib;
      assert.equal(lookAfter(clients, turns, turnMs, lateMs), clients[1]);
    });

    test(`finds a client by what all of its connections sent together when ${what}`, (t) => {
      const lookAfter = watchOf(t);
      const connections = Array.from({ length: 20 }, nothingRead);
      const client = clientWith(...connections);
      for (const { socket } of connections) socket.bytesRead = mib;
      assert.equal(lookAfter([client], turns, turnMs, lateMs), client);
    });

    test(`finds nobody who sent less than 16 MiB when ${what}`, (t) => {
      const lookAfter = watchOf(t);
      const read = nothingRead();
      read.socket.bytesRead = 16 * mib - 1;
      assert.equal(lookAfter([clientWith(read)], turns, turnMs, lateMs), undefined);
    });

    test(`finds nobody whose bytes were of bodies when ${what}: small calls at full speed, and a burst after quiet`, (t) => {
      const lookAfter = watchOf(t);
      const read = nothingRead();
      const client = clientWith(read);
      for (let second = 0; second < 5; second++) {
        // 30,000 calls with 600 bytes each, and 100 bytes of frames and headers.
        read.socket.bytesRead += 30_000 * 700;
        read.bodyBytes += 30_000 * 600;
        assert.equal(lookAfter([client], turns, turnMs, lateMs), undefined);
      }
      assert.equal(lookAfter([client], 2, 0), undefined);
      read.socket.bytesRead += 500 * mib;
      read.bodyBytes += 499 * mib;
      assert.equal(lookAfter([client], turns, turnMs, lateMs), undefined);
    });
  }

  test("finds nobody while turns are short, whatever is sent", (t) => {
    const lookAfter = watchOf(t);
    const read = nothingRead();
    for (const [turns, turnMs, lateMs] of [
      [90, 11, 0],
      [20, 49, 200],
      [0, 0, 0],
    ] as const) {
      read.socket.bytesRead += 600 * mib;
      assert.equal(lookAfter([clientWith(read)], turns, turnMs, lateMs), undefined);
    }
  });
});
