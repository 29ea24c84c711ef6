import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

// X.509 certificates (RFC 5280) for tests, written in DER by hand: Node signs, but makes no certificates.

/** In PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  /** A certificate for 127.0.0.1 and localhost, signed by this authority. */
  readonly issue: (name: string, notAfter?: Date, notBefore?: Date) => Certificate;
}

const day = 86_400_000;

export function createAuthority(name: string): Authority {
  const keys = newKeys();
  const validFrom = new Date(Date.now() - day);
  const validFor = (days: number) => new Date(Date.now() + days * day);
  const make = (
    subject: string,
    publicKey: KeyObject,
    extensions: Buffer,
    notAfter: Date,
    notBefore = validFrom,
  ) =>
    certificate({
      subject,
      issuer: name,
      publicKey,
      signer: keys.privateKey,
      extensions,
      validFrom: notBefore,
      notAfter,
    });
  return {
    cert: make(name, keys.publicKey, authorityExtensions(), validFor(2)),
    key: keyPem(keys.privateKey),
    issue: (subject, notAfter = validFor(1), notBefore = validFrom) => {
      const leaf = newKeys();
      return {
        cert: make(subject, leaf.publicKey, loopbackNames(), notAfter, notBefore),
        key: keyPem(leaf.privateKey),
      };
    },
  };
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function keyPem(key: KeyObject): string {
  return String(key.export({ type: "pkcs8", format: "pem" }));
}

export interface TlsFiles {
  readonly TLS_CERT_FILE: string;
  readonly TLS_KEY_FILE: string;
}

/** Writes the files that the settings name, into a directory of the test's own. */
export function writeCertificate(t: TestContext, { cert, key }: Certificate): TlsFiles {
  return {
    TLS_CERT_FILE: writeTestFile(t, "cert.pem", cert),
    TLS_KEY_FILE: writeTestFile(t, "key.pem", key),
  };
}

/** @returns the path of the file, which is removed when the test ends */
export function writeTestFile(t: TestContext, name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "obsvty-tls-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

interface Contents {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: Buffer;
  readonly validFrom: Date;
  readonly notAfter: Date;
}

function certificate({
  subject,
  issuer,
  publicKey,
  signer,
  extensions,
  validFrom,
  notAfter,
}: Contents): string {
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])), // serial number
    algorithm,
    commonName(issuer),
    sequence(time(validFrom), time(notAfter)),
    commonName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extensions)),
  );
  const signed = sequence(toBeSigned, algorithm, bits(sign("sha256", toBeSigned, signer)));
  const lines = signed.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** basicConstraints, critical: this certificate may sign others. */
function authorityExtensions(): Buffer {
  const yes = der(0x01, Buffer.from([0xff]));
  return sequence(oid("551d13"), yes, der(0x04, sequence(yes)));
}

/** subjectAltName */
function loopbackNames(): Buffer {
  const names = sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(oid("551d11"), der(0x04, names));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))));
}

/** GeneralizedTime, as `20261126105200Z`. */
function time(at: Date): Buffer {
  return der(0x18, Buffer.from(at.toISOString().replace(/\.\d+|[-:T]/g, "")));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

function bits(bytes: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), bytes);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
