import assert from "node:assert/strict";
import { once } from "node:events";
import type { ClientHttp2Session } from "node:http2";
import { describe, test } from "node:test";
import { credentials, Client as GrpcClient, Metadata } from "@grpc/grpc-js";
import { OTLPTraceExporter as GrpcTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as HttpTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { exportPath } from "../../src/domain/signal.ts";
import { createAuthority, writeTestFile } from "../support/certificates.ts";
import { setFaults } from "../support/fault-service.ts";
import { eventually, startObsvty, statsOf } from "../support/obsvty.ts";
import { call, frame, startCall } from "../support/raw-grpc.ts";
import { recordSdkSpans } from "../support/sdk-telemetry.ts";
import { connectHttp2, connectRaw, type LogLine, startServer, type TestServer } from "../support/server.ts";
import { getHttps, handshake, startTlsServer, type TlsServer } from "../support/tls.ts";
import { traceRequest, validSpanFields } from "../support/wire.ts";

const path = exportPath("traces");
const empty = frame(new Uint8Array());
const oneSpan = traceRequest(validSpanFields);

/** The server without its TLS. */
const cleartext = ({ url }: Pick<TlsServer, "url">) => ({ url: url.replace("https:", "http:") });

/** An export by grpc-js; rejects with the error that an exporter would see. */
function exportByGrpcJs({ port }: TlsServer, channel: ReturnType<typeof credentials.createSsl>) {
  const client = new GrpcClient(`localhost:${port}`, channel);
  const bytes = (value: Buffer) => value;
  return new Promise<Buffer | undefined>((resolve, reject) => {
    const deadline = new Date(Date.now() + 10_000);
    client.makeUnaryRequest(
      path,
      bytes,
      bytes,
      Buffer.from(oneSpan),
      new Metadata(),
      { deadline },
      (error, answer) => (error === null ? resolve(answer) : reject(error)),
    );
  }).finally(() => client.close());
}

/** The status of an empty export. */
function statusOver(session: ClientHttp2Session): Promise<number | "no answer"> {
  return call(session, path, empty).then(
    ({ grpcStatus }) => (grpcStatus === -1 ? "no answer" : grpcStatus),
    () => "no answer",
  );
}

describe("with TLS", () => {
  test("with TLS both ports serve HTTP/1.1 and HTTP/2", async (t) => {
    const server = await startTlsServer(t, { OTLP_HTTP_PORT: "0" });
    for (const url of [server.url, server.httpUrl]) {
      assert.equal((await getHttps(`${url}/livez`, server.trust)).status, 200);
      const session = connectHttp2(t, { url }, server.trust);
      assert.equal((await call(session, path, empty)).grpcStatus, 0);
      assert.equal(session.alpnProtocol, "h2");
    }
  });

  test("a TLS client without ALPN is served over HTTP/1.1", async (t) => {
    const server = await startTlsServer(t);
    const socket = await handshake(t, server);
    assert.equal(socket.alpnProtocol, false);
    socket.write("GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
  });

  test("a TLS client without ALPN that begins with HTTP/2's preface is served over HTTP/2", async (t) => {
    const server = await startTlsServer(t, { OTLP_HTTP_PORT: "0" });
    for (const port of [server.port, Number(new URL(server.httpUrl).port)]) {
      const socket = await handshake(t, { ...server, port });
      assert.equal(socket.alpnProtocol, false);
      const session = connectHttp2(t, server, { createConnection: () => socket });
      const reply = await call(session, path, frame(oneSpan));
      assert.deepEqual([reply.httpStatus, reply.grpcStatus], [200, 0]);
    }
    assert.equal(server.core.counters.of("traces").accepted, 2);
  });

  test("a client that agrees on HTTP/1.1 by ALPN and then speaks HTTP/2 is answered with 400 at once", async (t) => {
    const server = await startTlsServer(t);
    const socket = await handshake(t, server, { ALPNProtocols: ["http/1.1"] });
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 400 /);
    await once(socket, "close");
  });

  test("grpc-js and the official exporters send over TLS", async (t) => {
    const server = await startTlsServer(t, { TLS_ALLOW_CLEARTEXT: "true" }, startObsvty);
    const ca = Buffer.from(server.authority.cert);
    await exportByGrpcJs(server, credentials.createSsl(ca));
    const exporters = [
      new GrpcTraceExporter({
        url: `https://localhost:${server.port}`,
        credentials: credentials.createSsl(ca),
      }),
      new HttpTraceExporter({ url: `${server.url}/v1/traces`, httpAgentOptions: { ca } }),
    ];
    const spans = await recordSdkSpans();
    for (const exporter of exporters) {
      const { code, error } = await new Promise<{ code: number; error?: Error }>((done) =>
        exporter.export(spans, done),
      );
      assert.deepEqual([code, error?.message], [0, undefined]);
      await exporter.shutdown();
    }
    const { accepted } = (await statsOf(cleartext(server))).traces;
    assert.equal(accepted, 1 + 2 * spans.length);
  });

  test("a TLS client that trusts another authority refuses the server, which goes on serving", async (t) => {
    const server = await startTlsServer(t);
    const { cert: ca } = createAuthority("another authority");
    await assert.rejects(getHttps(`${server.url}/livez`, { ca }), {
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
    await assert.rejects(exportByGrpcJs(server, credentials.createSsl(Buffer.from(ca))), { code: 14 });
    assert.equal((await getHttps(`${server.url}/livez`, server.trust)).status, 200);
  });

  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    test(`${version} is spoken on a port with TLS`, async (t) => {
      const server = await startTlsServer(t);
      const socket = await handshake(t, server, { minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
    });
  }

  test("a scripted reset ends the connection of an export over TLS", async (t) => {
    const settings = { TLS_ALLOW_CLEARTEXT: "true", FAULT_INJECTION: "true" };
    const server = await startTlsServer(t, settings, startObsvty);
    await setFaults({ ...server, ...cleartext(server) }, { reset: true, times: 2 });
    assert.equal(await statusOver(connectHttp2(t, server, server.trust)), "no answer");
    await assert.rejects(exportByGrpcJs(server, credentials.createSsl(Buffer.from(server.trust.ca))), {
      code: 14,
    });
    assert.equal((await call(connectHttp2(t, server, server.trust), path, frame(oneSpan))).grpcStatus, 0);
    assert.deepEqual(
      server.logs.filter(({ level }) => level >= 50),
      [],
    );
  });

  test("a stop answers TLS calls in flight and cuts unfinished handshakes at once", async (t) => {
    const server = await startTlsServer(t, { SHUTDOWN_GRACE_MS: "60000" });
    const { stream, reply } = startCall(connectHttp2(t, server, server.trust), path);
    stream.write(empty.subarray(0, 3));
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write(Buffer.from([0x16, 3, 1]));
    // An answer on the same connection: the server has seen the call that was begun before.
    await call(stream.session as ClientHttp2Session, path, empty);
    const closed = server.close();
    await untilClosed;
    stream.end(empty.subarray(3));
    assert.equal((await reply).grpcStatus, 0);
    assert.equal(await closed, 0);
  });

  test("a call over TLS from this machine may read, under a foreign host name it may not", async (t) => {
    const server = await startTlsServer(t, {}, startObsvty);
    const session = connectHttp2(t, server, server.trust);
    const method = "/obsvty.v1.QueryService/GetStats";
    assert.equal((await call(session, method, empty)).grpcStatus, 0);
    assert.equal((await call(session, method, empty, { ":authority": "shop.example" })).grpcStatus, 7);
  });
});

describe("a client that cannot be served as it calls is warned of, once for each reason and minute:", () => {
  const warnings = ({ logs }: TestServer) =>
    logs
      .filter(({ level }) => level === 40)
      .map(({ msg, remote, reason, hint }) => ({ msg, remote, reason, hint }));
  const failed = ({ msg }: LogLine) => msg === "TLS handshake failed";
  const tls11 = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" } as const;
  const warning = { remote: "127.0.0.1", reason: undefined, hint: undefined };

  test("a client that speaks TLS to a port without it is warned of once", async (t) => {
    const server = await startServer(t);
    for (let times = 0; times < 2; times++) {
      const port = { ...server, trust: { ca: createAuthority("any").cert } };
      await assert.rejects(handshake(t, port), /wrong version number/);
    }
    const msg = "a client spoke TLS to a port without TLS: call it with http://, or set TLS_CERT_FILE";
    assert.deepEqual(warnings(server), [{ ...warning, msg }]);
  });

  test("a client without TLS on a port with TLS is warned of once", async (t) => {
    const server = await startTlsServer(t);
    assert.equal((await fetch(`${cleartext(server).url}/livez`)).status, 400);
    assert.equal(await statusOver(connectHttp2(t, cleartext(server))), "no answer");
    const msg = "a client spoke without TLS: call the port with https://, or set TLS_ALLOW_CLEARTEXT";
    assert.deepEqual(warnings(server), [{ ...warning, msg }]);
  });

  test("a client without a certificate is warned of once, under mutual TLS", async (t) => {
    const file = writeTestFile(t, "client-ca.pem", createAuthority("the clients' authority").cert);
    const server = await startTlsServer(t, { TLS_CLIENT_CA_FILE: file });
    for (let times = 0; times < 2; times++) {
      await assert.rejects(getHttps(`${server.url}/livez`, server.trust));
    }
    await eventually("both are logged", () => server.logs.filter(failed).length === 2 || undefined);
    const reason = "peer did not return a certificate";
    const hint = "TLS_CLIENT_CA_FILE asks clients for a certificate";
    assert.deepEqual(warnings(server), [{ ...warning, msg: "TLS handshake failed", reason, hint }]);
  });

  for (const [what, fromMs, toMs, reason, hint] of [
    ["has expired", -7_200_000, -60_000, "CERT_HAS_EXPIRED", "the certificate of the client has expired"],
    [
      "is not valid yet",
      3_600_000,
      7_200_000,
      "CERT_NOT_YET_VALID",
      "the certificate of the client is not valid yet",
    ],
  ] as const) {
    test(`a client whose certificate ${what} is cut and warned of, under mutual TLS`, async (t) => {
      const clients = createAuthority("the clients' authority");
      const file = writeTestFile(t, "client-ca.pem", clients.cert);
      const server = await startTlsServer(t, { TLS_CLIENT_CA_FILE: file });
      const at = (ms: number) => new Date(Date.now() + ms);
      const client = { ...server.trust, ...clients.issue("exporter", at(toMs), at(fromMs)) };
      await assert.rejects(getHttps(`${server.url}/livez`, client));
      await eventually("it is logged", () => server.logs.find(failed));
      assert.deepEqual(warnings(server), [{ ...warning, msg: "TLS handshake failed", reason, hint }]);
    });
  }

  test("a client whose certificate another authority has signed is cut and warned of, under mutual TLS", async (t) => {
    const file = writeTestFile(t, "client-ca.pem", createAuthority("the clients' authority").cert);
    const server = await startTlsServer(t, { TLS_CLIENT_CA_FILE: file });
    const client = { ...server.trust, ...createAuthority("another authority").issue("exporter") };
    await assert.rejects(getHttps(`${server.url}/livez`, client));
    await eventually("it is logged", () => server.logs.find(failed));
    const reason = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
    const hint = "no authority in TLS_CLIENT_CA_FILE has signed the certificate of the client";
    assert.deepEqual(warnings(server), [{ ...warning, msg: "TLS handshake failed", reason, hint }]);
  });

  test("a client that does not trust the server's authority and just goes is warned of", async (t) => {
    const server = await startTlsServer(t);
    await assert.rejects(getHttps(`${server.url}/livez`, { ca: createAuthority("another authority").cert }));
    const line = await eventually("it is logged", () => server.logs.find(failed));
    assert.equal(line.reason, "socket hang up");
    assert.match(String(line.hint), /do not trust the server's authority/);
  });

  test("a client that is older than TLS 1.2 is warned of", async (t) => {
    const server = await startTlsServer(t);
    await assert.rejects(handshake(t, server, tls11), { code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
    await eventually("it is logged", () => server.logs.find(failed));
    const hint = "the client is older than TLS 1.2";
    const reason = "unsupported protocol";
    assert.deepEqual(warnings(server), [{ ...warning, msg: "TLS handshake failed", reason, hint }]);
  });
});

test("a client of TLS 1.2 cannot shake hands again on its connection, which costs the server more than the client", async (t) => {
  const server = await startTlsServer(t);
  for (const protocol of ["h2", "http/1.1"]) {
    const socket = await handshake(t, server, { maxVersion: "TLSv1.2", ALPNProtocols: [protocol] });
    const again = new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.renegotiate({}, resolve);
    });
    await assert.rejects(again, { code: "ERR_SSL_NO_RENEGOTIATION" });
  }
});

describe("a handshake that never ends", () => {
  for (const [what, bytes] of Object.entries({
    "after one byte": Buffer.from([0x16]),
    "in the middle of the hello": Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]),
  })) {
    test(`a TLS handshake that stops ${what} is cut in time`, async (t) => {
      const server = await startTlsServer(t, { REQUEST_TIMEOUT_MS: "50" });
      const { socket, untilClosed } = connectRaw(t, server);
      socket.write(bytes);
      assert.equal(await untilClosed, "");
      assert.equal((await getHttps(`${server.url}/livez`, server.trust)).status, 200);
    });
  }

  test("a TLS handshake that never ends counts as a connection, and gives its place to a new one", async (t) => {
    const server = await startTlsServer(t, { MAX_CONNECTIONS: "1" });
    const { socket, untilClosed } = connectRaw(t, server);
    await once(socket, "connect");
    socket.write(Buffer.from([0x16, 3, 1]));
    assert.equal((await getHttps(`${server.url}/livez`, server.trust)).status, 200);
    assert.equal(await untilClosed, "");
  });

  test("a connection that sends nothing after its TLS handshake is cut in time", async (t) => {
    const server = await startTlsServer(t, { REQUEST_TIMEOUT_MS: "50" });
    const socket = await handshake(t, server, { ALPNProtocols: ["h2"] });
    // The cut may reach it as a reset.
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    await closed;
  });
});

describe("cleartext on a port with TLS", () => {
  test("cleartext HTTP/1.1 on a port with TLS is refused with 400 and a reason", async (t) => {
    const server = await startTlsServer(t);
    const response = await fetch(`${cleartext(server).url}/v1/traces`, { method: "POST", body: oneSpan });
    assert.equal(response.status, 400);
    assert.deepEqual(await response.json(), {
      code: "failed_precondition",
      message: "this port takes TLS only: call it with https://",
    });
  });

  test("cleartext HTTP/2 on a port with TLS is refused with a GOAWAY that says why", async (t) => {
    const server = await startTlsServer(t);
    const session = connectHttp2(t, cleartext(server));
    const [code, lastStream, reason] = await once(session, "goaway");
    assert.deepEqual([code, lastStream], [12, 0]);
    assert.match(Buffer.from(reason).toString(), /TLS only/);
  });

  test("a cleartext connection to a port with TLS is closed in time when the caller does not close it", async (t) => {
    const server = await startTlsServer(t);
    const { socket, untilClosed } = connectRaw(t, server);
    socket.write("GET / HTTP/1.1\r\n");
    assert.match(await untilClosed, /^HTTP\/1\.1 400 /);
  });

  test("cleartext is served beside TLS with TLS_ALLOW_CLEARTEXT=true", async (t) => {
    const server = await startTlsServer(t, { TLS_ALLOW_CLEARTEXT: "true" });
    assert.equal((await fetch(`${cleartext(server).url}/livez`)).status, 200);
    assert.equal((await call(connectHttp2(t, cleartext(server)), path, empty)).grpcStatus, 0);
    assert.equal((await getHttps(`${server.url}/livez`, server.trust)).status, 200);
  });
});

describe("with mutual TLS", () => {
  async function startMutual(t: Parameters<typeof startTlsServer>[0], settings = {}) {
    const clients = createAuthority("the clients' authority");
    const file = writeTestFile(t, "client-ca.pem", clients.cert);
    const server = await startTlsServer(t, { TLS_CLIENT_CA_FILE: file, ...settings }, startObsvty);
    return { server, clients, file };
  }

  test("a client with a certificate of the authority is served over HTTP/1.1, HTTP/2 and by grpc-js", async (t) => {
    const { server, clients } = await startMutual(t);
    const { cert, key } = clients.issue("exporter");
    const client = { ...server.trust, cert, key };
    assert.equal((await getHttps(`${server.url}/livez`, client)).status, 200);
    assert.equal((await call(connectHttp2(t, server, client), path, empty)).grpcStatus, 0);
    const [ca, keyPem, certPem] = [client.ca, key, cert].map((pem) => Buffer.from(pem));
    await exportByGrpcJs(server, credentials.createSsl(ca, keyPem, certPem));
  });

  test("a client without a certificate, or with one of another authority, is cut", async (t) => {
    const { server } = await startMutual(t);
    const stranger = createAuthority("another authority").issue("exporter");
    for (const client of [server.trust, { ...server.trust, ...stranger }]) {
      await assert.rejects(getHttps(`${server.url}/livez`, client));
      assert.equal(await statusOver(connectHttp2(t, server, client)), "no answer");
    }
    await assert.rejects(exportByGrpcJs(server, credentials.createSsl(Buffer.from(server.trust.ca))), {
      code: 14,
    });
  });

  test("a client certificate alone gives no right to read", async (t) => {
    const { server, clients } = await startMutual(t, { API_TOKEN: "secret" });
    const session = connectHttp2(t, server, { ...server.trust, ...clients.issue("exporter") });
    assert.equal((await call(session, path, empty)).grpcStatus, 0);
    assert.equal((await call(session, "/obsvty.v1.QueryService/GetStats", empty)).grpcStatus, 16);
  });
});
