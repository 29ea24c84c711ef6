import type { Config } from "../../../../config/config.ts";
import type { ReloadTexts } from "../../../../config/credential-reload.ts";
import { readAuthorities, readCertificateAndKey, type TlsFiles } from "../../../../config/pem-files.ts";

/** The server's certificate and key, and the authorities whose clients are let in. */
export interface Credentials extends TlsFiles {
  /** The certificate and the intermediate ones after it, in PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authorities whose clients are let in, in PEM. Undefined when clients need no certificate. */
  readonly ca: Buffer | undefined;
  /** When the certificate is valid. */
  readonly validFrom: Date;
  readonly validTo: Date;
}

export const credentialTexts: ReloadTexts = {
  reloaded: "TLS certificate reloaded",
  refused: "TLS certificate not reloaded, the old one serves on",
  expired: "the TLS certificate has expired, clients will refuse it",
  notYetValid: "the TLS certificate is not valid yet, clients will refuse it",
};

export type CredentialFiles = Pick<Config, "tlsCertFile" | "tlsKeyFile" | "tlsClientCaFile">;

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
  const { cert, key, leaf } = await readCertificateAndKey(
    { setting: "TLS_CERT_FILE", path: tlsCertFile },
    { setting: "TLS_KEY_FILE", path: tlsKeyFile },
  );
  const ca =
    tlsClientCaFile === undefined
      ? undefined
      : await readAuthorities({ setting: "TLS_CLIENT_CA_FILE", path: tlsClientCaFile });
  return { cert, key, ca, validFrom: leaf.validFromDate, validTo: leaf.validToDate };
}
