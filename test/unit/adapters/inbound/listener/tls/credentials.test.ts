import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, type TestContext, test } from "node:test";
import { readCredentials } from "../../../../../../src/adapters/inbound/listener/tls/credentials.ts";
import { createAuthority, writeTestFile } from "../../../../../support/certificates.ts";

const authority = createAuthority("an authority");
const { cert, key } = authority.issue("a server");

/** Reads credentials from files with these texts. */
function readTexts(t: TestContext, texts: { cert?: string; key?: string; ca?: string }) {
  return readCredentials({
    tlsCertFile: writeTestFile(t, "cert.pem", texts.cert ?? cert),
    tlsKeyFile: writeTestFile(t, "key.pem", texts.key ?? key),
    tlsClientCaFile: texts.ca === undefined ? undefined : writeTestFile(t, "ca.pem", texts.ca),
  });
}

describe("TLS credentials", () => {
  test("TLS credentials are read with the end of their validity", async (t) => {
    const end = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000);
    const credentials = await readTexts(t, authority.issue("a server", end));
    assert.deepEqual(credentials?.validTo, end);
    assert.equal(credentials?.ca, undefined);
  });

  test("TLS credentials may hold a chain of certificates and several authorities", async (t) => {
    const other = createAuthority("another authority").cert;
    assert.ok(await readTexts(t, { cert: `${cert}${authority.cert}`, ca: `${authority.cert}${other}` }));
  });

  test("TLS credentials are undefined when the settings name no files", async () => {
    const files = { tlsCertFile: undefined, tlsKeyFile: undefined, tlsClientCaFile: undefined };
    assert.equal(await readCredentials(files), undefined);
  });

  const { privateKey: shortKey } = generateKeyPairSync("rsa", { modulusLength: 512 });
  const locked = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "open sesame",
  });
  const damaged = cert.replace(/\n.{8}/, "\nAAAAAAAA");
  for (const [what, texts, message] of [
    [
      "a certificate file without a certificate",
      { cert: "top secret" },
      /^TLS_CERT_FILE: "[^"]+cert\.pem" must hold certificates in PEM$/,
    ],
    [
      "a damaged certificate",
      { cert: damaged },
      /^TLS_CERT_FILE: "[^"]+cert\.pem" must hold certificates in PEM$/,
    ],
    ["a damaged certificate after the first", { cert: `${cert}${damaged}` }, /^TLS_CERT_FILE: /],
    [
      "a key file without a key",
      { key: "top secret" },
      /^TLS_KEY_FILE: "[^"]+key\.pem" must hold a private key in PEM/,
    ],
    ["a key with a passphrase", { key: String(locked) }, /^TLS_KEY_FILE: .*without a passphrase$/],
    [
      "the key of another certificate",
      { key: authority.key },
      /^TLS_KEY_FILE: .*is not the key of the certificate in TLS_CERT_FILE$/,
    ],
    [
      "a short key of another kind",
      { key: String(shortKey.export({ type: "pkcs8", format: "pem" })) },
      /^TLS_KEY_FILE: /,
    ],
    [
      "an empty file of authorities",
      { ca: "" },
      /^TLS_CLIENT_CA_FILE: "[^"]+ca\.pem" must hold certificates in PEM$/,
    ],
  ] as const) {
    test(`${what} is refused with one line that names the setting and the path, not the content`, async (t) => {
      await assert.rejects(readTexts(t, texts), ({ name, message: line }: Error) => {
        assert.equal(name, "ConfigError");
        assert.match(line, message);
        assert.doesNotMatch(line, /\n|top secret|BEGIN/);
        return true;
      });
    });
  }

  test("a path that cannot be read is refused with its setting", async (t) => {
    const tlsCertFile = writeTestFile(t, "cert.pem", cert);
    const files = { tlsCertFile, tlsKeyFile: "/nonexistent/key.pem", tlsClientCaFile: undefined };
    await assert.rejects(readCredentials(files), {
      name: "ConfigError",
      message: 'TLS_KEY_FILE: "/nonexistent/key.pem" cannot be read (ENOENT)',
    });
  });

  for (const path of ["/dev/zero", "a certificate with 1 MiB behind it"]) {
    test(`a file that goes on for more than 1 MiB is refused and not read to its end: ${path}`, async (t) => {
      const long = writeTestFile(t, "long.pem", cert + "\n".repeat(1_048_576));
      const tlsCertFile = path.startsWith("/") ? path : long;
      const tlsKeyFile = writeTestFile(t, "key.pem", key);
      await assert.rejects(readCredentials({ tlsCertFile, tlsKeyFile, tlsClientCaFile: undefined }), {
        name: "ConfigError",
        message: `TLS_CERT_FILE: ${JSON.stringify(tlsCertFile)} is longer than 1 MiB`,
      });
    });
  }
});
