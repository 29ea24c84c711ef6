import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { type Logger, pino } from "pino";
import { credentialTexts, readCredentials } from "../../src/adapters/inbound/listener/tls/credentials.ts";
import { CredentialReload } from "../../src/config/credential-reload.ts";
import { exportPath } from "../../src/domain/signal.ts";
import { type Certificate, createAuthority, writeTestFile } from "../support/certificates.ts";
import { eventually } from "../support/obsvty.ts";
import { call, frame } from "../support/raw-grpc.ts";
import { connectHttp2 } from "../support/server.ts";
import { getHttps, handshake, startTlsServer, type TlsServer } from "../support/tls.ts";

const path = exportPath("traces");
const empty = frame(new Uint8Array());

function replace({ files }: TlsServer, { cert, key }: Certificate): void {
  writeFileSync(files.TLS_CERT_FILE, cert);
  writeFileSync(files.TLS_KEY_FILE, key);
}

/** The subject of the certificate that a new connection sees. */
async function shownSubject(t: TestContext, server: TlsServer): Promise<unknown> {
  const socket = await handshake(t, server);
  return socket.getPeerCertificate().subject.CN;
}

describe("a reload of the TLS certificate", () => {
  test("a reloaded certificate is shown to new connections, and open ones go on", async (t) => {
    const server = await startTlsServer(t);
    const open = connectHttp2(t, server, server.trust);
    assert.equal((await call(open, path, empty)).grpcStatus, 0);
    replace(server, server.authority.issue("renewed"));
    await server.reloadCredentials();
    assert.equal(await shownSubject(t, server), "renewed");
    assert.equal((await call(open, path, empty)).grpcStatus, 0);
    assert.ok(server.logs.some(({ msg }) => msg === "TLS certificate reloaded"));
  });

  test("the TLS files are looked at again when a reload is asked for during another", async (t) => {
    const server = await startTlsServer(t);
    const first = server.reloadCredentials();
    replace(server, server.authority.issue("renewed"));
    await Promise.all([first, server.reloadCredentials()]);
    assert.equal(await shownSubject(t, server), "renewed");
  });

  test("a bad certificate is refused with one warning, and the old one serves on until a good one is there", async (t) => {
    const server = await startTlsServer(t);
    const renewed = server.authority.issue("renewed");
    writeFileSync(server.files.TLS_CERT_FILE, renewed.cert);
    await server.reloadCredentials();
    await server.reloadCredentials();
    assert.equal(await shownSubject(t, server), "server");
    const warnings = server.logs.filter(({ level }) => level === 40);
    assert.deepEqual(
      warnings.map(({ msg }) => msg),
      ["TLS certificate not reloaded, the old one serves on"],
    );
    assert.match(String(warnings[0]?.reason), /^TLS_KEY_FILE: .*is not the key/);
    writeFileSync(server.files.TLS_KEY_FILE, renewed.key);
    await server.reloadCredentials();
    assert.equal(await shownSubject(t, server), "renewed");
  });

  test("an expired certificate is served with a warning", async (t) => {
    const server = await startTlsServer(t);
    replace(server, server.authority.issue("expired", new Date(Date.now() - 60_000)));
    await server.reloadCredentials();
    await assert.rejects(getHttps(`${server.url}/livez`, server.trust), { code: "CERT_HAS_EXPIRED" });
    assert.ok(server.logs.some(({ level, msg }) => level === 40 && /has expired/.test(msg)));
  });

  test("a certificate that is not valid yet is served with a warning", async (t) => {
    const server = await startTlsServer(t);
    replace(
      server,
      server.authority.issue("early", new Date(Date.now() + 7_200_000), new Date(Date.now() + 3_600_000)),
    );
    await server.reloadCredentials();
    await assert.rejects(getHttps(`${server.url}/livez`, server.trust), { code: "CERT_NOT_YET_VALID" });
    assert.ok(server.logs.some(({ level, msg }) => level === 40 && /is not valid yet/.test(msg)));
  });

  test("a certificate that expires while it is in use is warned of once", async (t) => {
    const server = await startTlsServer(t);
    const later = Date.now() + 3 * 86_400_000;
    t.mock.method(Date, "now", () => later);
    for (let i = 0; i < 2; i++) await server.reloadCredentials();
    assert.equal(server.logs.filter(({ msg }) => /has expired/.test(msg)).length, 1);
  });

  test("a client of an authority that is trusted no more cannot resume its session", async (t) => {
    const [before, after] = [createAuthority("before"), createAuthority("after")];
    const caFile = writeTestFile(t, "ca.pem", before.cert);
    const server = await startTlsServer(t, { TLS_CLIENT_CA_FILE: caFile });
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      writeFileSync(caFile, before.cert);
      await server.reloadCredentials();
      const { cert, key } = before.issue("exporter");
      const client = { cert, key, minVersion: version, maxVersion: version };
      const first = await handshake(t, server, client);
      const ticket = new Promise<Buffer>((resolve) => first.once("session", resolve));
      first.write("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
      const session = first.getSession() && version === "TLSv1.2" ? first.getSession() : await ticket;
      const resumed = await handshake(t, server, { ...client, session });
      assert.ok(resumed.isSessionReused(), "the session can be resumed before the reload");
      writeFileSync(caFile, after.cert);
      await server.reloadCredentials();
      const refused = getHttps(`${server.url}/livez`, { ...server.trust, ...client, session });
      await assert.rejects(refused, { code: "ECONNRESET" });
    }
  });
});

describe("a change of the TLS files is noticed", () => {
  const authority = createAuthority("an authority");

  /** Watches files at a short interval; `subject` is that of the last certificate taken over. */
  async function watch(t: TestContext, tlsCertFile: string, tlsKeyFile: string) {
    const files = { tlsCertFile, tlsKeyFile, tlsClientCaFile: undefined };
    const current = await readCredentials(files);
    assert.ok(current);
    const taken: string[] = [];
    const logger: Logger = pino({ level: "silent" });
    const use = ({ cert }: { readonly cert: Buffer }) => taken.push(new X509Certificate(cert).subject);
    const read = () => readCredentials(files);
    const reload = new CredentialReload({
      current,
      read,
      use,
      logger,
      texts: credentialTexts,
      intervalMs: 5,
    });
    t.after(() => reload.stop());
    return (name: string) =>
      eventually(name, () => (taken.at(-1) === `CN=${name}` ? true : undefined)).then(() => taken.length);
  }

  const write = (directory: string, { cert, key }: Certificate) => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "tls.crt"), cert);
    writeFileSync(join(directory, "tls.key"), key);
  };

  test("a change of the TLS files is noticed when they are written in place", async (t) => {
    const directory = dirname(writeTestFile(t, "x", ""));
    write(directory, authority.issue("first"));
    const taken = await watch(t, join(directory, "tls.crt"), join(directory, "tls.key"));
    write(directory, authority.issue("second"));
    assert.equal(await taken("second"), 1);
  });

  test("a change of the TLS files is noticed when others are renamed to their names", async (t) => {
    const directory = dirname(writeTestFile(t, "x", ""));
    write(directory, authority.issue("first"));
    const taken = await watch(t, join(directory, "tls.crt"), join(directory, "tls.key"));
    const next = join(directory, "next");
    write(next, authority.issue("second"));
    for (const name of ["tls.key", "tls.crt"]) renameSync(join(next, name), join(directory, name));
    await taken("second");
  });

  test("a change of the TLS files is noticed when the symlink of their directory is swapped, as Kubernetes does", async (t) => {
    const directory = dirname(writeTestFile(t, "x", ""));
    write(join(directory, "..1"), authority.issue("first"));
    symlinkSync("..1", join(directory, "..data"));
    for (const name of ["tls.crt", "tls.key"]) symlinkSync(join("..data", name), join(directory, name));
    const taken = await watch(t, join(directory, "tls.crt"), join(directory, "tls.key"));
    write(join(directory, "..2"), authority.issue("second"));
    symlinkSync("..2", join(directory, "..data_tmp"));
    renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
    assert.equal(await taken("second"), 1);
  });
});
