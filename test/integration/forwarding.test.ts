import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { describe, type TestContext, test } from "node:test";
import { type Signal, signals } from "../../src/domain/signal.ts";
import { encode, requestOf, spansOf } from "../contract/store-requests.ts";
import {
  type Certificate,
  createAuthority,
  writeCertificate,
  writeTestFile,
} from "../support/certificates.ts";
import { freePort } from "../support/free-port.ts";
import { sendHttp } from "../support/http-call.ts";
import { eventually, query, startObsvty, statsOf } from "../support/obsvty.ts";
import { OtlpUpstream } from "../support/otlp-upstream.ts";
import type { TestServer } from "../support/server.ts";
import { TcpRelay } from "../support/tcp-relay.ts";
import { startTlsServer } from "../support/tls.ts";

type Settings = NonNullable<Parameters<typeof startObsvty>[1]>["settings"];

const paths: Readonly<Record<Signal, string>> = {
  traces: "/v1/traces",
  logs: "/v1/logs",
  metrics: "/v1/metrics",
  profiles: "/v1development/profiles",
};

function post(t: TestContext, server: TestServer, signal: Signal, body: Uint8Array, headers = {}) {
  return sendHttp(t, "HTTP/1.1", server.url, {
    path: paths[signal],
    headers: { "content-type": "application/x-protobuf", ...headers },
    body,
  });
}

async function items(server: TestServer): Promise<Record<Signal, number>> {
  const stats = await statsOf(server);
  return Object.fromEntries(signals.map((signal) => [signal, stats[signal].accepted])) as Record<
    Signal,
    number
  >;
}

function forwardingTo(url: string | URL, more: Settings = {}) {
  return { settings: { FORWARD_OTLP_ENDPOINT: String(url), ...more } };
}

/** The one line that tells of a failure. */
function warned(server: TestServer, pattern: RegExp) {
  return server.logs.filter(({ msg }) => pattern.test(msg));
}

describe("a server that hands on to another one", () => {
  for (const [protocol, compression] of [
    ["grpc", "gzip"],
    ["grpc", "zstd"],
    ["http/protobuf", "gzip"],
    ["http/protobuf", "none"],
  ] as const) {
    test(`forwarding gives another server every item, by ${protocol} with ${compression}`, async (t) => {
      const upstream = await startObsvty(t);
      const server = await startObsvty(
        t,
        forwardingTo(upstream.url, {
          FORWARD_OTLP_PROTOCOL: protocol,
          FORWARD_OTLP_COMPRESSION: compression,
        }),
      );
      for (let i = 0; i < 5; i++) {
        for (const signal of signals) {
          const body = encode(signal, requestOf(signal, 7, { seed: i + 1 }));
          assert.equal((await post(t, server, signal, body)).status, 200);
        }
      }
      const expected = { traces: 35, logs: 35, metrics: 35, profiles: 35 };
      const arrived = await eventually("all items are there", async () => {
        const all = await items(upstream);
        return all.traces + all.logs + all.metrics + all.profiles === 140 ? all : undefined;
      });
      assert.deepEqual(arrived, expected);
    });
  }

  test("forwarding sends the header fields that are set and its name, and logs no secret", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = () => ({ grpcStatus: 16 });
    const server = await startObsvty(
      t,
      forwardingTo(upstream.url, {
        FORWARD_OTLP_HEADERS: "Authorization=Bearer%20s3cret,x-tenant=shop",
        LOG_LEVEL: "trace",
      }),
    );
    await post(t, server, "traces", encode("traces", spansOf(1)));
    await eventually("the failure is logged", () => warned(server, /takes no items now/)[0]);
    const [{ headers } = assert.fail()] = upstream.received;
    assert.equal(headers.authorization, "Bearer s3cret");
    assert.equal(headers["x-tenant"], "shop");
    assert.match(String(headers["user-agent"]), /^obsvty\/\d/);
    assert.match(String(headers["obsvty-via"]), /^[\w-]+$/);
    const [line] = warned(server, /takes no items now/);
    assert.equal(line!.code, "UNAUTHENTICATED");
    assert.ok(!JSON.stringify(server.logs).includes("s3cret"));
  });

  test("a server starts without its upstream, and hands on what was kept when it comes", async (t) => {
    const relay = await TcpRelay.open(t);
    const server = await startObsvty(t, forwardingTo(`http://127.0.0.1:${relay.port}`));
    await post(t, server, "logs", encode("logs", requestOf("logs", 3)));
    await eventually("the failure is logged", () => warned(server, /takes no items now/)[0]);
    const upstream = await startObsvty(t);
    relay.target = upstream.port;
    await eventually("the items are there", async () => (await items(upstream)).logs === 3 || undefined);
  });

  test("forwarding goes on over a new connection when the old one is cut", async (t) => {
    for (const protocol of ["grpc", "http/protobuf"] as const) {
      const upstream = await new OtlpUpstream(t, protocol).start();
      const relay = await TcpRelay.open(t);
      relay.target = Number(upstream.url.port);
      const server = await startObsvty(
        t,
        forwardingTo(`http://127.0.0.1:${relay.port}`, { FORWARD_OTLP_PROTOCOL: protocol }),
      );
      for (let i = 1; i <= 5; i++) {
        await post(t, server, "traces", encode("traces", spansOf(2, { seed: i })));
        await eventually("they are there", () => upstream.takenBytes("traces").length >= i || undefined);
        relay.cut();
      }
    }
  });

  test("a request that a gRPC upstream finds too large arrives in parts", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = ({ bytes }) => (bytes.byteLength > 5_000 ? { grpcStatus: 8 } : {});
    const server = await startObsvty(t, forwardingTo(upstream.url));
    await post(t, server, "traces", encode("traces", spansOf(100)));
    await eventually("all is handed on", () => {
      const [sink] = server.core.handOn!.states();
      return sink!.signals.traces.backlogItems === 0 || undefined;
    });
    const { delivered, refused } = server.core.handOn!.states()[0]!.signals.traces;
    assert.deepEqual([delivered, refused], [100, 0]);
    assert.ok(upstream.taken.length > 1);
  });

  test("forwarding tells of rejected and refused items by counts, never in the upstream's words", async (t) => {
    const upstream = await new OtlpUpstream(t, "http/protobuf").start();
    upstream.answer = ({ signal }) => (signal === "traces" ? { rejected: 2 } : { httpStatus: 400 });
    const server = await startObsvty(
      t,
      forwardingTo(upstream.url, { FORWARD_OTLP_PROTOCOL: "http/protobuf" }),
    );
    await post(t, server, "traces", encode("traces", spansOf(5)));
    await post(t, server, "logs", encode("logs", requestOf("logs", 4)));
    const [rejected] = await eventually("the rejection is logged", () => {
      const lines = warned(server, /rejected items/);
      return lines.length > 0 ? lines : undefined;
    });
    const [refused] = await eventually("the refusal is logged", () => {
      const lines = warned(server, /refused requests/);
      return lines.length > 0 ? lines : undefined;
    });
    assert.equal(rejected!.items, 2);
    assert.deepEqual([refused!.items, refused!.code], [4, "HTTP 400"]);
    assert.ok(!JSON.stringify(server.logs).includes("s3cret"));
  });

  test("forwarding shows its certificate, and trusts only the authority that is set", async (t) => {
    const clients = createAuthority("the clients' authority");
    const TLS_CLIENT_CA_FILE = writeTestFile(t, "clients.pem", clients.cert);
    const upstream = await startTlsServer(t, { TLS_CLIENT_CA_FILE }, startObsvty);
    const { TLS_CERT_FILE, TLS_KEY_FILE } = writeCertificate(t, clients.issue("forwarder"));
    const trusted = {
      FORWARD_OTLP_CA_FILE: writeTestFile(t, "ca.pem", upstream.authority.cert),
      FORWARD_OTLP_CERT_FILE: TLS_CERT_FILE,
      FORWARD_OTLP_KEY_FILE: TLS_KEY_FILE,
    };
    for (const [i, protocol] of (["grpc", "http/protobuf"] as const).entries()) {
      const FORWARD_OTLP_PROTOCOL = protocol;
      const server = await startObsvty(t, forwardingTo(upstream.url, { ...trusted, FORWARD_OTLP_PROTOCOL }));
      await post(t, server, "traces", encode("traces", spansOf(3)));
      await eventually("the spans are there", () => {
        const { accepted } = upstream.core.reader.stats().traces;
        return accepted === 3 * (i + 1) || undefined;
      });
      const stranger = await startObsvty(t, forwardingTo(upstream.url, { FORWARD_OTLP_PROTOCOL }));
      await post(t, stranger, "traces", encode("traces", spansOf(1)));
      const line = await eventually("it is not trusted", () => warned(stranger, /takes no items now/)[0]);
      assert.match(String(line.code), /CERT|SIGNATURE|ISSUER/);
    }
  });
});

describe("the certificates of an endpoint", () => {
  const at = (ms: number) => new Date(Date.now() + ms);
  for (const protocol of ["grpc", "http/protobuf"] as const) {
    for (const [what, fromMs, toMs, code] of [
      ["has expired", -7_200_000, -60_000, "CERT_HAS_EXPIRED"],
      ["is not valid yet", 3_600_000, 7_200_000, "CERT_NOT_YET_VALID"],
    ] as const) {
      test(`nothing is lost to an endpoint whose certificate ${what}, by ${protocol}`, async (t) => {
        const upstream = await startTlsServer(t, {}, startObsvty);
        const show = async ({ cert, key }: Certificate) => {
          writeFileSync(upstream.files.TLS_CERT_FILE, cert);
          writeFileSync(upstream.files.TLS_KEY_FILE, key);
          await upstream.reloadCredentials();
        };
        await show(upstream.authority.issue("endpoint", at(toMs), at(fromMs)));
        const settings = {
          FORWARD_OTLP_PROTOCOL: protocol,
          FORWARD_OTLP_CA_FILE: writeTestFile(t, "ca.pem", upstream.authority.cert),
        };
        const server = await startObsvty(t, forwardingTo(upstream.url, settings));
        await post(t, server, "traces", encode("traces", spansOf(3)));
        const line = await eventually("it is refused", () => warned(server, /takes no items now/)[0]);
        assert.equal(line.code, code);
        await show(upstream.authority.issue("endpoint"));
        await eventually("the spans are there", () => {
          return upstream.core.reader.stats().traces.accepted === 3 || undefined;
        });
      });
    }

    test(`certificates of another authority are trusted when the file of authorities changes, by ${protocol}`, async (t) => {
      const upstream = await startTlsServer(t, {}, startObsvty);
      const other = createAuthority("another authority");
      const { cert, key } = other.issue("endpoint");
      writeFileSync(upstream.files.TLS_CERT_FILE, cert);
      writeFileSync(upstream.files.TLS_KEY_FILE, key);
      await upstream.reloadCredentials();
      const FORWARD_OTLP_CA_FILE = writeTestFile(t, "ca.pem", upstream.authority.cert);
      const settings = { FORWARD_OTLP_PROTOCOL: protocol, FORWARD_OTLP_CA_FILE };
      const server = await startObsvty(t, forwardingTo(upstream.url, settings));
      await post(t, server, "traces", encode("traces", spansOf(3)));
      await eventually("it is not trusted", () => warned(server, /takes no items now/)[0]);
      writeFileSync(FORWARD_OTLP_CA_FILE, other.cert);
      await server.reloadCredentials();
      await eventually("the spans are there", () => {
        return upstream.core.reader.stats().traces.accepted === 3 || undefined;
      });
    });
  }
});

describe("the TLS files of a sink", () => {
  for (const protocol of ["grpc", "http/protobuf"] as const) {
    test(`the TLS files of a sink are taken over when they change, and bad ones are refused in one line, by ${protocol}`, async (t) => {
      const clients = createAuthority("the clients' authority");
      const TLS_CLIENT_CA_FILE = writeTestFile(t, "clients.pem", clients.cert);
      const upstream = await startTlsServer(t, { TLS_CLIENT_CA_FILE }, startObsvty);
      const stranger = createAuthority("a stranger").issue("forwarder");
      const { TLS_CERT_FILE, TLS_KEY_FILE } = writeCertificate(t, stranger);
      const FORWARD_OTLP_CA_FILE = writeTestFile(t, "ca.pem", upstream.authority.cert);
      const server = await startObsvty(
        t,
        forwardingTo(upstream.url, {
          FORWARD_OTLP_PROTOCOL: protocol,
          FORWARD_OTLP_CA_FILE,
          FORWARD_OTLP_CERT_FILE: TLS_CERT_FILE,
          FORWARD_OTLP_KEY_FILE: TLS_KEY_FILE,
        }),
      );
      await post(t, server, "traces", encode("traces", spansOf(3)));
      await eventually("it is not let in", () => warned(server, /takes no items now/)[0]);
      writeFileSync(TLS_CERT_FILE, "no certificate");
      for (let i = 0; i < 2; i++) await server.reloadCredentials();
      const [line, ...others] = warned(server, /not reloaded/);
      assert.match(String(line!.reason), /^FORWARD_OTLP_CERT_FILE: .* must hold certificates in PEM/);
      assert.deepEqual([line!.sink, others.length], ["otlp", 0]);
      const { cert, key } = clients.issue("forwarder");
      writeFileSync(TLS_CERT_FILE, cert);
      writeFileSync(TLS_KEY_FILE, key);
      await server.reloadCredentials();
      await eventually("the spans are there", () => {
        return upstream.core.reader.stats().traces.accepted === 3 || undefined;
      });
      assert.equal(warned(server, /TLS files of the sink reloaded/).length, 1);
    });
  }
});

describe("a server with a sink that promises", () => {
  test("a server with a lossless sink refuses exports with a hint while the buffer is full of what was not handed on", async (t) => {
    const relay = await TcpRelay.open(t);
    const server = await startObsvty(
      t,
      forwardingTo(`http://127.0.0.1:${relay.port}`, {
        FORWARD_OTLP_POLICY: "lossless",
        MAX_BUFFER_SIZE: "10",
      }),
    );
    for (let i = 0; i < 5; i++) {
      assert.equal(
        (await post(t, server, "traces", encode("traces", spansOf(2, { seed: i + 1 })))).status,
        200,
      );
    }
    const refused = await post(t, server, "traces", encode("traces", spansOf(1)));
    assert.equal(refused.status, 503);
    assert.equal(refused.headers["retry-after"], "1");
    const tooLarge = await post(t, server, "traces", encode("traces", spansOf(11)));
    assert.deepEqual([tooLarge.status, tooLarge.headers["retry-after"]], [413, undefined]);
    const upstream = await startObsvty(t);
    relay.target = upstream.port;
    await eventually("room is made", async () => {
      const { status } = await post(t, server, "traces", encode("traces", spansOf(1)));
      return status === 200 || undefined;
    });
    await eventually("all are there", async () => (await items(upstream)).traces >= 11 || undefined);
    assert.equal((await items(upstream)).traces, (await items(server)).traces);
  });

  test("a server with a confirmed sink answers when the upstream has the export, with the upstream's own refusal", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    const server = await startObsvty(t, forwardingTo(upstream.url, { FORWARD_OTLP_POLICY: "confirmed" }));
    const body = encode("traces", spansOf(3));
    assert.equal((await post(t, server, "traces", body)).status, 200);
    assert.equal(upstream.takenBytes("traces").length, 1);
    upstream.answer = () => ({ rejected: 1 });
    const partly = await post(t, server, "traces", body);
    assert.equal(partly.status, 200);
    assert.match(partly.body.toString("latin1"), /1 span rejected where they were handed on to/);
    upstream.answer = () => ({ grpcStatus: 3 });
    const refused = await post(t, server, "traces", body);
    assert.equal(refused.status, 400);
    assert.match(refused.body.toString("latin1"), /INVALID_ARGUMENT/);
  });

  test("a server with a confirmed sink takes no page in place of an answer for an acknowledgement", async (t) => {
    const upstream = await new OtlpUpstream(t, "http/protobuf").start();
    // Its body is not empty, and its type is not OTLP's.
    upstream.answer = () => ({ headers: { "content-type": "text/html" }, rejected: 1, takes: false });
    const settings = {
      FORWARD_OTLP_PROTOCOL: "http/protobuf",
      FORWARD_OTLP_POLICY: "confirmed",
      REQUEST_TIMEOUT_MS: "300",
    };
    const server = await startObsvty(t, forwardingTo(upstream.url, settings));
    const answer = await post(t, server, "traces", encode("traces", spansOf(1)));
    assert.equal(answer.status, 503);
    const { otlp } = (await query(server, "GetStats")).sinks;
    assert.deepEqual([otlp.delivered, otlp.lastFailure], ["0", "success without an Export response"]);
  });

  test("a server with a confirmed sink answers unavailable in time when the upstream does not answer", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    upstream.answer = () => undefined;
    const server = await startObsvty(
      t,
      forwardingTo(upstream.url, { FORWARD_OTLP_POLICY: "confirmed", REQUEST_TIMEOUT_MS: "300" }),
    );
    const late = await post(t, server, "traces", encode("traces", spansOf(1)));
    assert.deepEqual([late.status, late.headers["retry-after"]], [503, "1"]);
  });

  test("a server with a confirmed sink loses no acknowledged item when the upstream is killed and started again", async (t) => {
    const upstream = await new OtlpUpstream(t, "grpc").start();
    const server = await startObsvty(
      t,
      forwardingTo(upstream.url, { FORWARD_OTLP_POLICY: "confirmed", REQUEST_TIMEOUT_MS: "2000" }),
    );
    const acknowledged: string[] = [];
    let sent = 0;
    const send = async () => {
      const name = `span of request ${sent++}.`;
      const request = spansOf(1, { seed: sent });
      request.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.name = name;
      const { status } = await post(t, server, "traces", encode("traces", request));
      if (status === 200) acknowledged.push(name);
    };
    for (let round = 0; round < 4; round++) {
      const sending = Promise.all(Array.from({ length: 20 }, send));
      await upstream.stop();
      await sending;
      await upstream.start();
      await eventually("an export is acknowledged", async () => {
        const before = acknowledged.length;
        await send();
        return acknowledged.length > before || undefined;
      });
    }
    const there = Buffer.concat(upstream.takenBytes("traces")).toString("latin1");
    assert.deepEqual(
      acknowledged.filter((name) => !there.includes(name)),
      [],
    );
  });
});

describe("telemetry that is handed on in a circle", () => {
  test("telemetry is refused by a server that hands on to itself", async (t) => {
    for (const protocol of ["grpc", "http/protobuf"] as const) {
      const relay = await TcpRelay.open(t);
      const server = await startObsvty(
        t,
        forwardingTo(`http://127.0.0.1:${relay.port}`, { FORWARD_OTLP_PROTOCOL: protocol }),
      );
      relay.target = server.port;
      await post(t, server, "traces", encode("traces", spansOf(3)));
      const line = await eventually("the refusal is logged", () => warned(server, /^refused$/)[0]);
      assert.match(String(line.reason), /forwarding loop/);
      await eventually("the sink counts it", () => warned(server, /refused requests for good/)[0]);
      assert.equal((await items(server)).traces, 3);
    }
  });

  test("telemetry in a circle of two servers is refused by the first", async (t) => {
    const relay = await TcpRelay.open(t);
    const first = await startObsvty(t, forwardingTo(`http://127.0.0.1:${relay.port}`));
    const second = await startObsvty(t, forwardingTo(first.url));
    relay.target = second.port;
    await post(t, first, "logs", encode("logs", requestOf("logs", 2)));
    await eventually("the second has them", async () => (await items(second)).logs === 2 || undefined);
    await eventually("the first refuses them", () => warned(first, /^refused$/)[0]);
    await eventually("the second counts that", () => warned(second, /refused requests for good/)[0]);
    assert.equal((await items(first)).logs, 2);
    assert.equal((await items(second)).logs, 2);
  });

  for (const host of ["localhost", "127.0.0.1", "[::1]", hostname()]) {
    test(`telemetry is refused once by a server that hands on to itself as ${host}`, async (t) => {
      const OTLP_GRPC_PORT = String(await freePort());
      const url = `http://${host}:${OTLP_GRPC_PORT}`;
      const server = await startObsvty(t, forwardingTo(url, { OTLP_GRPC_HOST: "::", OTLP_GRPC_PORT })).catch(
        () => undefined,
      );
      const isReachable = await fetch(`${url}/livez`).then(
        () => true,
        () => false,
      );
      if (server === undefined || !isReachable) return t.skip("this machine has no such name");
      await assertNoGrowth(t, [server]);
    });
  }

  test("telemetry in a circle of three servers is in each of them once", async (t) => {
    const relay = await TcpRelay.open(t);
    const first = await startObsvty(t, forwardingTo(`http://127.0.0.1:${relay.port}`));
    const third = await startObsvty(t, forwardingTo(first.url));
    const second = await startObsvty(t, forwardingTo(third.url));
    relay.target = second.port;
    await assertNoGrowth(t, [first, second, third]);
  });

  for (const protocol of ["grpc", "http/protobuf"] as const) {
    test(`telemetry in a circle of servers is confirmed to nobody, and all learn why, by ${protocol}`, async (t) => {
      const confirmed = { FORWARD_OTLP_POLICY: "confirmed", FORWARD_OTLP_PROTOCOL: protocol } as const;
      const relay = await TcpRelay.open(t);
      const first = await startObsvty(t, forwardingTo(`http://127.0.0.1:${relay.port}`, confirmed));
      const second = await startObsvty(t, forwardingTo(first.url, confirmed));
      relay.target = second.port;
      const reply = await post(t, first, "traces", encode("traces", spansOf(1)));
      assert.equal(reply.status, 400);
      assert.match(reply.body.toString("latin1"), /not handed on: forwarding loop$/);
      for (const { core } of [first, second]) {
        assert.equal(core.handOn?.states()[0]?.signals.traces.lastFailure?.code, "forwarding loop");
      }
    });
  }
});

/** Sends to the first of servers in a circle: each has everything once, and the first says once that it refuses. */
async function assertNoGrowth(t: TestContext, circle: readonly TestServer[]): Promise<void> {
  const [first] = circle;
  const last = circle.at(-1)!;
  for (let sent = 1; sent <= 5; sent++) {
    await post(
      t,
      { ...first!, url: `http://127.0.0.1:${first!.port}` },
      "logs",
      encode("logs", requestOf("logs", 2)),
    );
    await eventually("the last one is refused them", () => {
      const { refused, backlogItems } = last.core.handOn!.states()[0]!.signals.logs;
      return (refused === 2 * sent && backlogItems === 0) || undefined;
    });
  }
  for (const { core } of circle) assert.equal(core.reader.stats().logs.accepted, 10);
  const told = circle.flatMap((server) => warned(server, /^refused$/));
  assert.match(String(told[0]!.reason), /forwarding loop/);
  assert.equal(told.length, 1);
}
