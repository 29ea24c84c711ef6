import type { Writable } from "node:stream";
import { type Logger, pino } from "pino";
import { PinoPretty } from "pino-pretty";
import type { Config } from "../config/config.ts";

/**
 * The logger of the process, on stdout.
 * @param destination gets the lines in place of stdout, without colour, in JSON unless LOG_FORMAT is `pretty`
 */
export function createLogger(config: Pick<Config, "logLevel" | "logFormat">, destination?: Writable): Logger {
  const terminal = destination === undefined && process.stdout.isTTY === true;
  const pretty = config.logFormat === "pretty" || (config.logFormat === "auto" && terminal);
  const options = {
    level: config.logLevel,
    // Tokens arrive in this header, in gRPC metadata and HTTP alike.
    redact: ["authorization", "*.authorization", "*.*.authorization"],
  };
  // Written in this process, not in a worker: the last line must be out before the process exits.
  return pretty
    ? pino(options, PinoPretty({ colorize: terminal, sync: true, destination: destination ?? 1 }))
    : pino(options, destination ?? pino.destination({ fd: 1, sync: true }));
}
