import type { Config } from "./config.ts";
import { readAuthorities, readCertificateAndKey } from "./pem-files.ts";

/** What forwarding by TLS is done with, in PEM. */
export interface ForwardTls {
  readonly ca: Buffer | undefined;
  readonly cert: Buffer | undefined;
  readonly key: Buffer | undefined;
}

/**
 * Reads the files of FORWARD_OTLP_CA_FILE, _CERT_FILE and _KEY_FILE, as far as they are set.
 * @throws ConfigError naming the setting and the path
 */
export async function readForwardOtlpTls(config: Config): Promise<ForwardTls> {
  const { forwardOtlpCaFile: caFile, forwardOtlpCertFile: certFile, forwardOtlpKeyFile: keyFile } = config;
  const pair =
    certFile === undefined || keyFile === undefined
      ? undefined
      : await readCertificateAndKey(
          { setting: "FORWARD_OTLP_CERT_FILE", path: certFile },
          { setting: "FORWARD_OTLP_KEY_FILE", path: keyFile },
        );
  const ca =
    caFile === undefined
      ? undefined
      : await readAuthorities({ setting: "FORWARD_OTLP_CA_FILE", path: caFile });
  return { ca, cert: pair?.cert, key: pair?.key };
}
