import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { CredentialReload, type ReloadTexts } from "./credential-reload.ts";
import { readAuthorities, readCertificateAndKey, type SettingFile, type TlsFiles } from "./pem-files.ts";

const texts: ReloadTexts = {
  reloaded: "TLS files of the sink reloaded",
  refused: "TLS files of the sink not reloaded, the old ones go on",
  expired: "the TLS certificate of the sink has expired, its upstream will refuse it",
  notYetValid: "the TLS certificate of the sink is not valid yet, its upstream will refuse it",
};

/** The TLS files of a sink, which are taken over when they change. */
export class ForwardTls {
  #files: TlsFiles;
  readonly #reload: CredentialReload<TlsFiles> | undefined;

  private constructor(current: TlsFiles, read: () => Promise<TlsFiles>, logger: Logger) {
    this.#files = current;
    const use = (files: TlsFiles) => {
      this.#files = files;
    };
    const hasFiles = current.ca !== undefined || current.cert !== undefined;
    this.#reload = hasFiles ? new CredentialReload({ current, read, use, logger, texts }) : undefined;
  }

  /**
   * @param read rejects with a ConfigError when the files cannot be used
   * @throws ConfigError of `read`
   */
  static async open(read: () => Promise<TlsFiles>, logger: Logger): Promise<ForwardTls> {
    return new ForwardTls(await read(), read, logger);
  }

  /** The files as they were last taken over. Another object after each change. */
  get files(): TlsFiles {
    return this.#files;
  }

  /** Whether the settings name any file. */
  get hasFiles(): boolean {
    return this.#reload !== undefined;
  }

  /** Looks at the files at once. */
  async reload(): Promise<void> {
    await this.#reload?.now();
  }

  stop(): void {
    this.#reload?.stop();
  }
}

/**
 * Reads the files of FORWARD_OTLP_CA_FILE, _CERT_FILE and _KEY_FILE, as far as they are set.
 * @throws ConfigError naming the setting and the path
 */
export function readForwardOtlpTls(config: Config): Promise<TlsFiles> {
  return readForwardTls({
    ca: { setting: "FORWARD_OTLP_CA_FILE", path: config.forwardOtlpCaFile },
    cert: { setting: "FORWARD_OTLP_CERT_FILE", path: config.forwardOtlpCertFile },
    key: { setting: "FORWARD_OTLP_KEY_FILE", path: config.forwardOtlpKeyFile },
  });
}

/**
 * The same for Kafka.
 * @throws ConfigError naming the setting and the path
 */
export function readForwardKafkaTls(config: Config): Promise<TlsFiles> {
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

async function readForwardTls(files: Record<"ca" | "cert" | "key", TlsFile>): Promise<TlsFiles> {
  const pair =
    isSet(files.cert) && isSet(files.key) ? await readCertificateAndKey(files.cert, files.key) : undefined;
  const ca = isSet(files.ca) ? await readAuthorities(files.ca) : undefined;
  return {
    ca,
    cert: pair?.cert,
    key: pair?.key,
    validFrom: pair?.leaf.validFromDate,
    validTo: pair?.leaf.validToDate,
  };
}

function isSet(file: TlsFile): file is SettingFile {
  return file.path !== undefined;
}
