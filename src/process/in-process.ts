import type { Logger } from "pino";
import { createServer, type ServerHandle, type ServerOptions } from "../app.ts";
import { type Config, loadConfig } from "../config/config.ts";
import type { SettingKey } from "../config/settings.ts";
import type { Composition } from "../use-cases/core.ts";

export interface InProcessOptions extends Omit<ServerOptions, "config" | "core" | "logger"> {
  readonly settings: Partial<Record<SettingKey, string>>;
  readonly log: (config: Config) => Promise<Logger>;
}

/** A listening server beside other work of its process, with all that it consists of. */
export interface InProcessServer {
  readonly config: Config;
  readonly composition: Composition;
  readonly server: ServerHandle;
  /** Of the first port; with TLS it begins with `https:`. */
  readonly url: string;
  /** Of OTLP_HTTP_PORT, when it is not off. */
  readonly httpUrl: string | undefined;
  /** Stops the server, then what it hands on to, each within the grace of the settings. */
  close(): Promise<void>;
}

/** Loopback, and one free port. */
const defaults = {
  OTLP_GRPC_HOST: "127.0.0.1",
  OTLP_GRPC_PORT: "0",
  OTLP_HTTP_PORT: "off",
} as const satisfies Partial<Record<SettingKey, string>>;

/** The settings of a server in a process: those given alone, and no `.env`. */
export function inProcessConfig(settings: Partial<Record<SettingKey, string>>): Config {
  return loadConfig({ env: { ...defaults, ...settings }, file: false });
}

/** Starts a server that leaves the process as it is. */
export async function startInProcess(
  compose: (config: Config, logger: Logger) => Promise<Composition>,
  { settings, log, ...options }: InProcessOptions,
): Promise<InProcessServer> {
  const config = inProcessConfig(settings);
  const logger = await log(config);
  const composition = await compose(config, logger);
  try {
    const server = await createServer({ ...options, config, core: composition.core, logger });
    const { grpc, http } = await server.listen();
    const scheme = config.tlsCertFile === undefined ? "http" : "https";
    return {
      config,
      composition,
      server,
      url: `${scheme}://${grpc}`,
      httpUrl: http && `${scheme}://${http}`,
      async close() {
        await server.close();
        await composition.close(AbortSignal.timeout(config.shutdownGraceMs));
      },
    };
  } catch (reason) {
    await composition.close(AbortSignal.abort());
    throw reason;
  }
}
