import { constants } from "node:os";
import type { Logger } from "pino";
import { createServer, ListenError, type ServerHandle } from "../app.ts";
import type { Config } from "../config/config.ts";
import { ConfigError, loadConfig } from "../config/config.ts";
import type { Core } from "../use-cases/core.ts";
import { createLogger } from "./logger.ts";
import { tuneHeap } from "./tune-heap.ts";

const stopSignals = ["SIGTERM", "SIGINT"] as const;

/**
 * Runs the server as this process: settings from the environment, one log line when it listens, and an
 * end by signal. A start that fails says why in one line on stderr and exits with 1.
 */
export async function runService(compose: (config: Config) => Core): Promise<void> {
  let server: ServerHandle;
  let logger: Logger;
  tuneHeap();
  try {
    const config = loadConfig();
    logger = createLogger(config);
    exitOnFault(logger);
    if (config.faultInjection) {
      logger.warn("FAULT_INJECTION is on: whoever may read can make exports fail");
    }
    server = await createServer({ config, core: compose(config), logger });
    logger.info(await server.listen(), "listening");
  } catch (reason) {
    process.stderr.write(`obsvty: ${startFailure(reason)}\n`);
    process.exit(1);
  }
  stopOnSignal(server, logger);
}

/** First signal: stop, exit 0 when all in flight was answered, else 1. Second: exit at once, 128 + signal. */
function stopOnSignal(server: ServerHandle, logger: Logger): void {
  let stopping = false;
  for (const signal of stopSignals) {
    process.on(signal, () => {
      if (stopping) {
        process.exit(128 + constants.signals[signal]);
      }
      stopping = true;
      logger.info({ signal }, "stopping");
      void stop(server, logger);
    });
  }
}

async function stop(server: ServerHandle, logger: Logger): Promise<void> {
  const cut = await server.close();
  if (cut === 0) {
    logger.info("stopped");
  } else {
    logger.warn({ cut }, `stopped, ${cut} in flight cut when the grace ran out`);
  }
  process.exit(cut === 0 ? 0 : 1);
}

/** What nobody caught leaves the process in an unknown state: say it and go. */
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
      return `${address}:${port} may not be used by this user (${setting})`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${address ?? "OTLP_GRPC_HOST"} is not an address of this machine (OTLP_GRPC_HOST)`;
    default:
      return `cannot listen: ${message} (${setting})`.split("\n", 1).join("");
  }
}
