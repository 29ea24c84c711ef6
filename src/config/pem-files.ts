import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createSecureContext } from "node:tls";
import { ConfigError } from "./config.ts";
import type { SettingKey } from "./settings.ts";

/** A file that a setting names. */
export interface SettingFile {
  readonly setting: SettingKey;
  readonly path: string;
}

/** What is read from the files of the TLS settings, in PEM. */
export interface TlsFiles {
  /** The authorities that are trusted. */
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
  /** When the certificate is valid; undefined without one. */
  readonly validFrom: Date | undefined;
  readonly validTo: Date | undefined;
}

export interface CertificateAndKey {
  /** The certificate and the intermediate ones after it, in PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The certificate itself. */
  readonly leaf: X509Certificate;
}

/**
 * Reads a certificate and its private key, and checks that they can be used together.
 * @throws ConfigError naming the setting and the path, never the content
 */
export async function readCertificateAndKey(
  certFile: SettingFile,
  keyFile: SettingFile,
): Promise<CertificateAndKey> {
  const [cert, key] = await Promise.all([read(certFile), read(keyFile)]);
  const [leaf] = certificatesIn(certFile, cert);
  if (!leaf.checkPrivateKey(keyIn(keyFile, key))) {
    throw refusal(keyFile, `is not the key of the certificate in ${certFile.setting}`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    // OpenSSL has rules of its own, for example the least length of a key.
    const { reason = "is refused by OpenSSL" } = cause as { readonly reason?: string };
    throw refusal(certFile, `cannot be used: ${reason}`, cause);
  }
  return { cert, key, leaf };
}

/**
 * Reads the certificates of authorities, in PEM.
 * @throws ConfigError naming the setting and the path, never the content
 */
export async function readAuthorities(file: SettingFile): Promise<Buffer> {
  const ca = await read(file);
  // OpenSSL would skip what it cannot read, and trust nobody.
  certificatesIn(file, ca);
  return ca;
}

/** The certificates of all authorities that browsers trust have a quarter of it. */
const maxFileBytes = 1_048_576;

async function read(file: SettingFile): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await buffer(createReadStream(file.path, { end: maxFileBytes }));
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    throw refusal(file, `cannot be read (${code})`, cause);
  }
  if (bytes.byteLength > maxFileBytes) throw refusal(file, "is longer than 1 MiB");
  return bytes;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @returns at least one */
function certificatesIn(file: SettingFile, pem: Buffer): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...rest] = pem.toString("latin1").match(certificateBlock) ?? [];
    // An empty text is no certificate, and the constructor says so.
    return [new X509Certificate(first ?? ""), ...rest.map((block) => new X509Certificate(block))];
  } catch (cause) {
    throw refusal(file, "must hold certificates in PEM", cause);
  }
}

function keyIn(file: SettingFile, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw refusal(file, "must hold a private key in PEM, without a passphrase", cause);
  }
}

function refusal({ setting, path }: SettingFile, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`${setting}: ${JSON.stringify(path)} ${why}`, { cause });
}
