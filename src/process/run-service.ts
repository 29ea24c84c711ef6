import { constants } from "node:os";
import type { Logger } from "pino";
import { createServer, ListenError, type ServerHandle } from "../app.ts";
import type { Config } from "../config/config.ts";
import { ConfigError, loadConfig } from "../config/config.ts";
import { type Memory, memoryOfProcess } from "../config/memory.ts";
import { mostMemory } from "../config/sizing.ts";
import type { Composition } from "../use-cases/core.ts";
import { createLogger } from "./logger.ts";
import { tuneHeap } from "./tune-heap.ts";

const stopSignals = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs the server as this process: reads the settings from the environment, logs one line when it listens and
 * stops on a signal. If it cannot start, it says why in one line on stderr and exits with 1.
 */
export async function runService(compose: (config: Config) => Promise<Composition>): Promise<void> {
  let server: ServerHandle;
  let composition: Composition | undefined;
  let config: Config;
  let logger: Logger;
  tuneHeap();
  try {
    const memory = memoryOfProcess();
    config = loadConfig({ memory });
    logger = createLogger(config);
    exitOnFault(logger);
    if (config.faultInjection) {
      logger.warn("FAULT_INJECTION is on: any caller that may read can make exports fail");
    }
    warnOfTooMuch(config, memory, logger);
    composition = await compose(config);
    server = await createServer({ config, core: composition.core, logger });
    const { maxBufferBytes, maxInflightBytes, maxQueryBytes } = config;
    const bounds = { maxBufferBytes, maxInflightBytes, maxQueryBytes, memoryBytes: memory.process };
    logger.info({ ...(await server.listen()), ...bounds, tls: tlsMode(config) }, "listening");
  } catch (reason) {
    process.stderr.write(`obsvty: ${startFailure(reason)}\n`);
    await composition?.close(AbortSignal.abort());
    process.exit(1);
  }
  if (config.tlsCertFile !== undefined) {
    process.on("SIGHUP", () => void server.reloadCredentials());
  }
  stopOnSignal(() => stop({ server, composition, config, logger }), logger);
}

/** Says when the bounds, as set or at their least, allow more than there is: an attacker could end the process. */
function warnOfTooMuch(config: Config, memory: Memory, logger: Logger): void {
  const needed = mostMemory(config);
  for (const part of ["process", "heap"] as const) {
    if (needed[part] > memory[part]) {
      const figures = { neededBytes: needed[part], memoryBytes: memory[part] };
      logger.warn(
        figures,
        `the settings allow more memory than there is for the ${part}; see docs/sizing.md`,
      );
    }
  }
}

/** How connections are protected, for the log. */
function tlsMode({ tlsCertFile, tlsClientCaFile, tlsAllowCleartext }: Config): string {
  if (tlsCertFile === undefined) {
    return "off";
  }
  const mode = tlsClientCaFile === undefined ? "on" : "mutual";
  return tlsAllowCleartext ? `${mode}, cleartext allowed` : mode;
}

/** First signal: stop, exit 0 if every call was answered, else 1. Second: exit at once, 128 + its number. */
function stopOnSignal(stop: () => Promise<void>, logger: Logger): void {
  let stopping = false;
  for (const signal of stopSignals) {
    process.on(signal, () => {
      if (stopping) {
        process.exit(128 + constants.signals[signal]);
      }
      stopping = true;
      logger.info({ signal }, "stopping");
      void stop();
    });
  }
}

interface Running {
  readonly server: ServerHandle;
  readonly composition: Composition;
  readonly config: Config;
  readonly logger: Logger;
}

/** Outbound adapters are closed after the last call has ended, within the same grace. */
async function stop({ server, composition, config, logger }: Running): Promise<void> {
  const graceEnd = AbortSignal.timeout(config.shutdownGraceMs);
  const cut = await server.close();
  const failures = await composition.close(graceEnd);
  for (const { name, error } of failures) {
    logger.error({ err: error }, `closing ${name} failed`);
  }
  if (cut === 0) {
    logger.info("stopped");
  } else {
    logger.warn({ cut }, `stopped, ${cut} in flight cut when the grace ran out`);
  }
  process.exit(cut === 0 && failures.length === 0 ? 0 : 1);
}

/** Log an uncaught error and exit: the state is unknown. */
function exitOnFault(logger: Logger): void {
  const exit = (err: unknown) => {
    logger.fatal({ err }, "internal fault");
    process.exit(1);
  };
  process.on("uncaughtException", exit);
  process.on("unhandledRejection", exit);
}

function startFailure(reason: unknown): string {
  if (reason instanceof ConfigError) {
    return reason.message;
  }
  if (reason instanceof ListenError) {
    return listenFailure(reason);
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  return `cannot start: ${message}`.split("\n", 1).join("");
}

function listenFailure({ setting, cause }: ListenError): string {
  const { code, address, port, message } = cause as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  switch (code) {
    case "EADDRINUSE":
      return `${address}:${port} is in use by another process (OTLP_GRPC_HOST, ${setting})`;
    case "EACCES":
      return `${address}:${port} cannot be opened by this user (${setting})`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${address ?? "OTLP_GRPC_HOST"} is not an address of this machine (OTLP_GRPC_HOST)`;
    default:
      return `cannot listen: ${message} (${setting})`.split("\n", 1).join("");
  }
}
