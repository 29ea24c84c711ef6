import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { createAuthority, writeCertificate, writeTestFile } from "../support/certificates.ts";
import { runHere } from "../support/cli.ts";
import { startObsvty } from "../support/obsvty.ts";
import { startTlsServer } from "../support/tls.ts";

const commands = [["health"], ["stats"], ["search", "spans"]] as const;

describe("the command line and a server with TLS", () => {
  async function start(t: TestContext, settings = {}) {
    const server = await startTlsServer(t, settings, startObsvty);
    return { server, ca: writeTestFile(t, "ca.pem", server.authority.cert) };
  }

  for (const command of commands) {
    test(`${command.join(" ")} trusts the authority of --ca or OBSVTY_CA_FILE`, async (t) => {
      const { server, ca } = await start(t);
      for (const [args, env] of [
        [["--ca", ca], {}],
        [[], { OBSVTY_CA_FILE: ca }],
      ] as const) {
        const { code, stderr } = await runHere(server, [...command, ...args], { env });
        assert.deepEqual([code, stderr], [0, ""]);
      }
    });

    test(`${command.join(" ")} says that the authority is not known, and names --ca`, async (t) => {
      const { server } = await start(t);
      const { code, stderr } = await runHere(server, command);
      assert.equal(code, 1);
      assert.match(stderr, /certificate of an unknown authority: .*--ca\n$/);
    });

    test(`${command.join(" ")} shows the certificate of --cert and --key, or of the environment`, async (t) => {
      const clients = createAuthority("the clients' authority");
      const clientCa = writeTestFile(t, "client-ca.pem", clients.cert);
      const { server, ca } = await start(t, { TLS_CLIENT_CA_FILE: clientCa });
      const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key } = writeCertificate(t, clients.issue("a person"));
      const given = await runHere(server, [...command, "--ca", ca, "--cert", cert, "--key", key]);
      assert.deepEqual([given.code, given.stderr], [0, ""]);
      const env = { OBSVTY_CA_FILE: ca, OBSVTY_CERT_FILE: cert, OBSVTY_KEY_FILE: key };
      const fromEnv = await runHere(server, command, { env });
      assert.deepEqual([fromEnv.code, fromEnv.stderr], [0, ""]);
      const without = await runHere(server, [...command, "--ca", ca]);
      assert.equal(without.code, 1);
      assert.match(without.stderr, /asks for a certificate: give one with --cert and --key\n$/);
      const strange = writeCertificate(t, createAuthority("another authority").issue("a person"));
      const files = ["--cert", strange.TLS_CERT_FILE, "--key", strange.TLS_KEY_FILE];
      const refused = await runHere(server, [...command, "--ca", ca, ...files]);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /closed the connection: it may not accept the certificate of --cert\n$/);
    });

    test(`${command.join(" ")} over http is told that the port takes TLS only`, async (t) => {
      const { server } = await start(t);
      const { code, stderr } = await runHere({ url: server.url.replace("https:", "http:") }, command);
      assert.deepEqual([code, stderr], [1, "obsvty: this port takes TLS only: call it with https://\n"]);
    });
  }

  for (const command of commands) {
    test(`${command.join(" ")} over https is told that the server has no TLS`, async (t) => {
      const url = (await startObsvty(t)).url.replace("http:", "https:");
      const { code, stderr } = await runHere({ url }, command);
      assert.deepEqual(
        [code, stderr],
        [1, `obsvty: the server at ${url} does not speak TLS: call it with http://\n`],
      );
    });
  }

  test("a file that cannot be read, or holds no PEM, is refused with the flag or variable that names it", async (t) => {
    const { server } = await start(t);
    const noPem = writeTestFile(t, "ca.pem", "top secret");
    for (const [args, env, message] of [
      [["--ca", "/nonexistent"], {}, /^obsvty: --ca: "\/nonexistent" cannot be read \(ENOENT\)\n$/],
      [[], { OBSVTY_CA_FILE: "/nonexistent" }, /^obsvty: OBSVTY_CA_FILE: /],
      [["--ca", noPem], {}, /^obsvty: --ca: "[^"]+" must hold certificates in PEM\n$/],
      [["--cert", noPem, "--key", noPem], {}, /^obsvty: --cert: "[^"]+" must hold certificates in PEM\n$/],
      [["--cert", noPem], {}, /^obsvty: --cert: a certificate and its key are given together/],
      [["--key", noPem], {}, /^obsvty: --key: a certificate and its key are given together/],
    ] as const) {
      const { code, stderr } = await runHere(server, ["health", ...args], { env });
      assert.equal(code, 2);
      assert.match(stderr, message);
    }
  });

  test("a key that does not belong to the certificate is refused", async (t) => {
    const { server } = await start(t);
    const { TLS_CERT_FILE: cert } = writeCertificate(t, server.authority.issue("one"));
    const { TLS_KEY_FILE: key } = writeCertificate(t, server.authority.issue("other"));
    const { code, stderr } = await runHere(server, ["health", "--cert", cert, "--key", key]);
    assert.equal(code, 2);
    assert.match(stderr, /^obsvty: --key: .*is not the key of the certificate\n$/);
  });
});
