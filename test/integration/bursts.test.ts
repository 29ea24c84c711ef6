import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { QueryService } from "../../gen/obsvty/v1/query_pb.ts";
import type { ConnectRegistrar } from "../../src/adapters/inbound/connect/plugin.ts";
import { eventually } from "../support/obsvty.ts";
import { frame, startCall } from "../support/raw-grpc.ts";
import { connectHttp2, connectRaw, startServer, type TestServer } from "../support/server.ts";
import { turnsOfCalls } from "../support/turns-of-calls.ts";

const connections = 60;
/** What a call costs. */
const busyMs = 2;

/** Opens the connections, and returns how to make one call by each of them at once. */
const protocols = {
  "HTTP/1.1": async (t: TestContext, server: TestServer) => {
    const head = "POST /obsvty.v1.QueryService/GetStats HTTP/1.1\r\nhost: localhost\r\n";
    const opened = await Promise.all(
      Array.from({ length: connections }, async () => {
        const { socket, received } = connectRaw(t, server);
        socket.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
        await received(/}/);
        return socket;
      }),
    );
    return () => {
      for (const socket of opened)
        socket.write(`${head}content-type: application/json\r\ncontent-length: 2\r\n\r\n{}`);
    };
  },
  "HTTP/2": async (t: TestContext, server: TestServer) => {
    const opened = Array.from({ length: connections }, () => connectHttp2(t, server));
    await Promise.all(opened.map((session) => once(session, "remoteSettings")));
    return () => {
      for (const session of opened) {
        const { stream, reply } = startCall(session, "/obsvty.v1.QueryService/GetStats");
        reply.catch(() => {});
        stream.end(frame(Buffer.alloc(0)));
      }
    };
  },
} as const;

describe("calls that come at once by many connections", () => {
  for (const [protocol, open] of Object.entries(protocols)) {
    it(`calls that come at once by many connections are begun a few in each turn of the event loop, over ${protocol}`, async (t) => {
      let turns: ReturnType<typeof turnsOfCalls> | undefined;
      let calls = 0;
      const busy: ConnectRegistrar = (router) => {
        router.service(QueryService, {
          getStats: () => {
            calls += 1;
            turns?.note();
            for (const endMs = performance.now() + busyMs; performance.now() < endMs; );
            return {};
          },
        });
      };
      const settings = { RATE_LIMIT_MAX: "0", MAX_CONNECTIONS: "200" };
      const server = await startServer(t, { registrars: [busy], settings });
      const callAll = await open(t, server);
      turns = turnsOfCalls();
      callAll();
      await eventually("all are handled", () => calls === connections || undefined);
      const count = turns.end();
      assert.ok(count >= connections / 8, `${connections} calls in ${count} turns`);
    });
  }
});
