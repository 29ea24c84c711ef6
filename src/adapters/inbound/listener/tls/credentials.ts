import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { type Config, ConfigError } from "../../../../config/config.ts";

/** What the server shows of itself in a handshake, and whom it asks to do the same. */
export interface Credentials {
  /** The certificate and the intermediate ones after it, in PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authorities whose clients are let in, in PEM. Undefined when clients need no certificate. */
  readonly ca: Buffer | undefined;
  /** The end of the certificate's validity. */
  readonly validTo: Date;
}

export type CredentialFiles = Pick<Config, "tlsCertFile" | "tlsKeyFile" | "tlsClientCaFile">;
type FileKey = "TLS_CERT_FILE" | "TLS_KEY_FILE" | "TLS_CLIENT_CA_FILE";

/**
 * Reads the files and checks that a server can use them together.
 * @returns undefined when TLS is not set up
 * @throws ConfigError naming the setting and the path, never the content
 */
export async function readCredentials(files: CredentialFiles): Promise<Credentials | undefined> {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = files;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) {
    return undefined;
  }
  const [cert, key, ca] = await Promise.all([
    read("TLS_CERT_FILE", tlsCertFile),
    read("TLS_KEY_FILE", tlsKeyFile),
    tlsClientCaFile === undefined ? undefined : read("TLS_CLIENT_CA_FILE", tlsClientCaFile),
  ]);
  const [leaf] = certificatesIn("TLS_CERT_FILE", tlsCertFile, cert);
  if (!leaf.checkPrivateKey(keyIn(tlsKeyFile, key))) {
    throw refusal("TLS_KEY_FILE", tlsKeyFile, "is not the key of the certificate in TLS_CERT_FILE");
  }
  if (ca !== undefined && tlsClientCaFile !== undefined) {
    // OpenSSL would skip what it cannot read, and let nobody in.
    certificatesIn("TLS_CLIENT_CA_FILE", tlsClientCaFile, ca);
  }
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    // OpenSSL has rules of its own, for example the least length of a key.
    const { reason = "is refused by OpenSSL" } = cause as { readonly reason?: string };
    throw refusal("TLS_CERT_FILE", tlsCertFile, `cannot be used: ${reason}`, cause);
  }
  return { cert, key, ca, validTo: leaf.validToDate };
}

export function sameCredentials(a: Credentials, b: Credentials): boolean {
  const sameCa = a.ca === undefined ? b.ca === undefined : b.ca !== undefined && a.ca.equals(b.ca);
  return a.cert.equals(b.cert) && a.key.equals(b.key) && sameCa;
}

async function read(setting: FileKey, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    throw refusal(setting, path, `cannot be read (${code})`, cause);
  }
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** @returns at least one */
function certificatesIn(
  setting: FileKey,
  path: string,
  pem: Buffer,
): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...rest] = pem.toString("latin1").match(certificateBlock) ?? [];
    // An empty text is no certificate, and the constructor says so.
    return [new X509Certificate(first ?? ""), ...rest.map((block) => new X509Certificate(block))];
  } catch (cause) {
    throw refusal(setting, path, "must hold certificates in PEM", cause);
  }
}

function keyIn(path: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw refusal("TLS_KEY_FILE", path, "must hold a private key in PEM, without a passphrase", cause);
  }
}

function refusal(setting: FileKey, path: string, why: string, cause?: unknown): ConfigError {
  return new ConfigError(`${setting}: ${JSON.stringify(path)} ${why}`, { cause });
}
