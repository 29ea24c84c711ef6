import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ClientTls } from "../api/server.ts";
import { UsageError } from "./usage-error.ts";

/** Paths of PEM files, as given by `--ca`, `--cert` and `--key`. */
export type TlsFlags = { readonly [Name in keyof ClientTls]?: string | undefined };

interface PemFile {
  readonly path: string;
  /** The flag or the variable that names it. */
  readonly origin: string;
  readonly bytes: Buffer;
}

/**
 * Reads the files that the flags name, or else OBSVTY_CA_FILE, OBSVTY_CERT_FILE and OBSVTY_KEY_FILE.
 * @throws UsageError naming the flag or the variable, never the content
 */
export function tlsOf(flags: TlsFlags, env: NodeJS.ProcessEnv): ClientTls {
  const ca = fileOf("--ca", flags.ca, "OBSVTY_CA_FILE", env);
  const cert = fileOf("--cert", flags.cert, "OBSVTY_CERT_FILE", env);
  const key = fileOf("--key", flags.key, "OBSVTY_KEY_FILE", env);
  if (ca !== undefined) certificateIn(ca);
  if (cert === undefined && key === undefined) {
    return { ...(ca && { ca: ca.bytes }) };
  }
  if (cert === undefined || key === undefined) {
    const { origin } = (cert ?? key) as PemFile;
    throw new UsageError(`${origin}: a certificate and its key are given together, with --cert and --key`);
  }
  if (!certificateIn(cert).checkPrivateKey(keyIn(key))) {
    throw refusal(key, "is not the key of the certificate");
  }
  return { ...(ca && { ca: ca.bytes }), cert: cert.bytes, key: key.bytes };
}

function fileOf(
  flag: string,
  given: string | undefined,
  variable: string,
  env: NodeJS.ProcessEnv,
): PemFile | undefined {
  const path = given ?? env[variable]?.trim();
  const origin = given === undefined ? variable : flag;
  if (!path) {
    return undefined;
  }
  try {
    return { path, origin, bytes: readFileSync(path) };
  } catch (reason) {
    const { code = "unknown error" } = reason as NodeJS.ErrnoException;
    throw refusal({ path, origin }, `cannot be read (${code})`);
  }
}

function certificateIn(file: PemFile): X509Certificate {
  try {
    return new X509Certificate(file.bytes);
  } catch {
    throw refusal(file, "must hold certificates in PEM");
  }
}

function keyIn(file: PemFile) {
  try {
    return createPrivateKey(file.bytes);
  } catch {
    throw refusal(file, "must hold a private key in PEM, without a passphrase");
  }
}

function refusal({ path, origin }: Omit<PemFile, "bytes">, why: string): UsageError {
  return new UsageError(`${origin}: ${JSON.stringify(path)} ${why}`);
}
