import assert from "node:assert/strict";
import { Socket } from "node:net";
import { describe, it } from "node:test";
import { pino } from "pino";
import { Connections } from "../../../../../src/adapters/inbound/listener/connections.ts";
import { describePeer } from "../../../../../src/adapters/inbound/listener/peer.ts";

const hour = 3_600_000;
const limits = {
  maxConnections: 4,
  maxConnectionsPerClient: 2,
  firstCallTimeoutMs: hour,
  idleTimeoutMs: hour,
  maxConnectionAgeMs: 0,
};

const logger = pino({ level: "silent" });

/** A socket of a client with this address, which is connected to nothing. */
function socketOf(remoteAddress: string): Socket {
  return Object.defineProperty(new Socket(), "remoteAddress", { value: remoteAddress });
}

function openFrom(connections: Connections, address: string, { busy = false } = {}): Socket {
  const socket = socketOf(address);
  const connection = connections.open(socket);
  if (busy) {
    assert.ok(connection);
    connections.callStarted(connection);
  }
  return socket;
}

const destroyed = (sockets: readonly Socket[]) => sockets.map((socket) => socket.destroyed);

describe("the connections of several clients", () => {
  it("the longest idle connection of the client that is over its share is closed, not that of another", () => {
    const connections = new Connections(limits, logger);
    const sockets = ["192.0.2.9", "192.0.2.1", "192.0.2.1", "192.0.2.1"].map((address) =>
      openFrom(connections, address),
    );
    assert.deepEqual(destroyed(sockets), [false, true, false, false]);
  });

  it("the longest idle connection of all is closed when no client is over its share", () => {
    const connections = new Connections(limits, logger);
    const sockets = ["192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.3", "192.0.2.4"].map((address) =>
      openFrom(connections, address),
    );
    assert.deepEqual(destroyed(sockets), [true, false, false, false, false]);
  });

  it("a new connection is refused while all have calls in flight, and taken when one has ended its call", () => {
    const connections = new Connections(limits, logger);
    const first = socketOf("192.0.2.1");
    const connection = connections.open(first);
    assert.ok(connection);
    connections.callStarted(connection);
    const busy = ["192.0.2.1", "192.0.2.2", "192.0.2.2"].map((address) =>
      openFrom(connections, address, { busy: true }),
    );
    assert.equal(openFrom(connections, "192.0.2.3").destroyed, true);
    assert.deepEqual(destroyed([first, ...busy]), [false, false, false, false]);
    connections.callEnded(connection);
    assert.equal(openFrom(connections, "192.0.2.3").destroyed, false);
    assert.deepEqual(destroyed([first, ...busy]), [true, false, false, false]);
  });

  it("connections count for one client from an IPv4 address mapped into IPv6, and from all addresses of an IPv6 /64", () => {
    for (const addresses of [
      ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"],
      ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:1"],
    ]) {
      const connections = new Connections(limits, logger);
      const sockets = addresses.map((address) => openFrom(connections, address));
      assert.deepEqual(destroyed(sockets), [true, false, false]);
    }
  });

  it("no call counts twice whose connection has been closed meanwhile", () => {
    const connections = new Connections({ ...limits, maxConnectionsPerClient: 1 }, logger);
    const socket = socketOf("192.0.2.1");
    const connection = connections.open(socket);
    assert.ok(connection);
    connections.callStarted(connection);
    socket.emit("close");
    connections.callEnded(connection);
    assert.equal(connections.calls, 0);
    const next = ["192.0.2.1", "192.0.2.1"].map((address) => openFrom(connections, address));
    assert.deepEqual(destroyed(next), [true, false]);
  });
});

describe("a peer", () => {
  it("a peer is one client by its IPv4 address, mapped into IPv6 or not", () => {
    assert.equal(describePeer("::ffff:192.0.2.1").clientKey, describePeer("192.0.2.1").clientKey);
    assert.notEqual(describePeer("192.0.2.1").clientKey, describePeer("192.0.2.2").clientKey);
  });

  it("a peer with any loopback address is on this machine", () => {
    for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) {
      assert.equal(describePeer(address).loopback, true, address);
    }
    for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "::"]) {
      assert.equal(describePeer(address).loopback, false, address);
    }
  });
});
