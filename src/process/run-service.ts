import { constants } from "node:os";
import type { Logger } from "pino";
import { createServer, type ServerHandle } from "../app.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/config.ts";
import { memoryOfProcess } from "../config/memory.ts";
import { memoryWarnings } from "../config/memory-warnings.ts";
import { settingWarnings } from "../config/setting-warnings.ts";
import { PromiseNotKept } from "../use-cases/closing.ts";
import type { Composition } from "../use-cases/core.ts";
import { giveMemoryBackAfterLoad } from "./give-memory-back.ts";
import { createLog, type Log } from "./log/log.ts";
import { fitToOpenFiles, openFilesLimit } from "./open-files.ts";
import { startFailure } from "./start-failure.ts";
import { allowGrowth } from "./tune-heap.ts";

const stopSignals = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs the server as this process: reads the settings from the environment, logs one line when it listens and
 * stops on a signal. If it cannot start, it says why in one line on stderr and exits with 1.
 */
export async function runService(
  compose: (config: Config, logger: Logger) => Promise<Composition>,
): Promise<void> {
  let composition: Composition | undefined;
  try {
    const memory = memoryOfProcess();
    const asked = loadConfig({ memory });
    const openFiles = openFilesLimit();
    const config = fitToOpenFiles(asked, openFiles);
    const log = await createLog(config);
    const { logger } = log;
    exitOnFault(log);
    if (config.faultInjection) {
      logger.warn("FAULT_INJECTION is on: any caller that may read can make exports fail");
    }
    for (const warning of settingWarnings(config)) {
      logger.warn(warning);
    }
    for (const { message, ...figures } of memoryWarnings(config, memory)) {
      logger.warn(figures, message);
    }
    if (config.maxConnections < asked.maxConnections) {
      logger.warn(
        { openFiles, maxConnections: config.maxConnections },
        `the limit of open files is too low for MAX_CONNECTIONS=${asked.maxConnections}; raise it (ulimit -n)`,
      );
    }
    composition = await compose(config, logger);
    const server = await createServer({ config, core: composition.core, logger });
    const addresses = await server.listen();
    // This stands before the line on which others go on: a signal that nobody handles ends the process.
    handleSignals({ server, composition, config, log });
    const { maxBufferBytes, maxInflightBytes, maxQueryBytes } = config;
    allowGrowth(memory.process);
    giveMemoryBackAfterLoad();
    const bounds = { maxBufferBytes, maxInflightBytes, maxQueryBytes, memoryBytes: memory.process };
    logger.info({ ...addresses, ...bounds, tls: tlsMode(config) }, "listening");
  } catch (reason) {
    process.stderr.write(`obsvty: ${startFailure(reason)}\n`);
    await composition?.close(AbortSignal.abort());
    process.exit(1);
  }
}

function handleSignals(running: Running): void {
  const { server, composition, config, log } = running;
  if (config.tlsCertFile !== undefined || composition.reloadCredentials !== undefined) {
    process.on("SIGHUP", () => {
      void server.reloadCredentials();
      void composition.reloadCredentials?.();
    });
  }
  stopOnSignal(() => stop(running), log);
}

/** How connections are protected, for the log. */
function tlsMode({ tlsCertFile, tlsClientCaFile, tlsAllowCleartext }: Config): string {
  if (tlsCertFile === undefined) {
    return "off";
  }
  const mode = tlsClientCaFile === undefined ? "on" : "mutual";
  return tlsAllowCleartext ? `${mode}, cleartext allowed` : mode;
}

/**
 * The first signal stops the server, which exits with 0 if every call was answered, else with 1. The second ends it at
 * once with 128 + its number.
 */
function stopOnSignal(stop: () => Promise<void>, { logger }: Log): void {
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
  readonly log: Log;
}

/** Outbound adapters are closed after the last call has ended, and then the log, within the same grace. */
async function stop({ server, composition, config, log }: Running): Promise<void> {
  const { logger } = log;
  const graceEnd = AbortSignal.timeout(config.shutdownGraceMs);
  const cut = await server.close();
  const failures = await composition.close(graceEnd);
  log.tellOmitted();
  for (const { name, error } of failures) {
    if (error instanceof PromiseNotKept) logger.error(error.message);
    else logger.error({ err: error }, `closing ${name} failed`);
  }
  if (cut === 0) {
    logger.info("stopped");
  } else {
    logger.warn({ cut }, `stopped, ${cut} in flight cut when the grace ran out`);
  }
  await log.flush(graceEnd);
  process.exit(cut === 0 && failures.length === 0 ? 0 : 1);
}

/** How long a slow reader of the log has to take the line that says why the process ends. */
const lastLineMs = 1_000;

/** Log an uncaught error and exit: the state is unknown. */
function exitOnFault(log: Log): void {
  const exit = (err: unknown) => {
    log.logger.fatal({ err }, "internal fault");
    if (log.isFlushed) {
      process.exit(1);
    }
    void log.flush(AbortSignal.timeout(lastLineMs)).then(() => process.exit(1));
  };
  process.on("uncaughtException", exit);
  process.on("unhandledRejection", exit);
}
