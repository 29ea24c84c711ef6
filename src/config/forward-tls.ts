import type { Config } from "./config.ts";
import { readAuthorities, readCertificateAndKey, type SettingFile } from "./pem-files.ts";

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
export function readForwardOtlpTls(config: Config): Promise<ForwardTls> {
  return readForwardTls({
    ca: { setting: "FORWARD_OTLP_CA_FILE", path: config.forwardOtlpCaFile },
    cert: { setting: "FORWARD_OTLP_CERT_FILE", path: config.forwardOtlpCertFile },
    key: { setting: "FORWARD_OTLP_KEY_FILE", path: config.forwardOtlpKeyFile },
  });
}

/**
 * The same for Kafka.
 * @returns undefined for cleartext
 * @throws ConfigError naming the setting and the path
 */
export async function readForwardKafkaTls(config: Config): Promise<ForwardTls | undefined> {
  if (!speaksTlsWithKafka(config)) return undefined;
  return readForwardTls({
    ca: { setting: "FORWARD_KAFKA_CA_FILE", path: config.forwardKafkaCaFile },
    cert: { setting: "FORWARD_KAFKA_CERT_FILE", path: config.forwardKafkaCertFile },
    key: { setting: "FORWARD_KAFKA_KEY_FILE", path: config.forwardKafkaKeyFile },
  });
}

export function speaksTlsWithKafka(config: Config): boolean {
  const { forwardKafkaTls, forwardKafkaCaFile, forwardKafkaCertFile } = config;
  return forwardKafkaTls || forwardKafkaCaFile !== undefined || forwardKafkaCertFile !== undefined;
}

type TlsFile = { readonly [Field in keyof SettingFile]: SettingFile[Field] | undefined };

async function readForwardTls(files: Record<"ca" | "cert" | "key", TlsFile>): Promise<ForwardTls> {
  const pair =
    isSet(files.cert) && isSet(files.key) ? await readCertificateAndKey(files.cert, files.key) : undefined;
  const ca = isSet(files.ca) ? await readAuthorities(files.ca) : undefined;
  return { ca, cert: pair?.cert, key: pair?.key };
}

function isSet(file: TlsFile): file is SettingFile {
  return file.path !== undefined;
}
