import type { Writable } from "node:stream";
import { type Logger, pino } from "pino";
import type { Config } from "../../config/config.ts";
import { boundedJson, boundedText } from "./bounded-line.ts";
import { LineBudget } from "./line-budget.ts";
import { LineOutput } from "./line-output.ts";
import { RepeatedLines } from "./repeated-lines.ts";

/** The log of the process. Writing to it never waits for the reader. */
export interface Log {
  readonly logger: Logger;
  /** Whether every line has been handed to the system. */
  readonly isFlushed: boolean;
  /** Writes how often lines have come again until now, and how many were left out. */
  tellOmitted(): void;
  /** Waits until every line has been handed to the system, or for the abort. */
  flush(abort: AbortSignal): Promise<void>;
}

/**
 * @param destination where the lines go; as JSON unless LOG_FORMAT is `pretty`, or `auto` and this is a terminal
 */
export async function createLog(
  { logLevel, logFormat }: Pick<Config, "logLevel" | "logFormat">,
  destination: Writable & { readonly isTTY?: boolean } = process.stdout,
): Promise<Log> {
  const isTerminal = destination.isTTY === true;
  const isPretty = logFormat === "pretty" || (logFormat === "auto" && isTerminal);
  const prettify = isPretty ? await loadPrettify(isTerminal) : undefined;
  const output = new LineOutput(destination, (lines) =>
    logger.warn({ lines }, "lines of the log were lost, because they could not be written"),
  );
  const budget = new LineBudget((count) =>
    logger.warn({ lines: count }, "lines of the log were left out, because they were too many"),
  );
  const lines = new RepeatedLines((line) => {
    const text = prettify === undefined ? line : boundedText(line, prettify);
    if (budget.take(text) || isFatal(line)) output.write(text);
  });
  const logger = pino(
    {
      level: logLevel,
      // Tokens arrive in this header, in gRPC metadata and HTTP alike.
      redact: ["authorization", "*.authorization", "*.*.authorization"],
    },
    { write: (line) => lines.add(boundedJson(line)) },
  );
  return {
    logger,
    get isFlushed() {
      return output.isFlushed;
    },
    tellOmitted: () => {
      lines.tell();
      budget.renew();
    },
    flush: (abort) => output.flush(abort),
  };
}

/** pino-pretty takes 2 MiB of memory. */
async function loadPrettify(colorize: boolean) {
  const { createPrettify } = await import("./pretty-line.ts");
  return createPrettify(colorize);
}

/** Whether it says why the process ends. */
function isFatal(line: string): boolean {
  return line.startsWith('{"level":60,');
}
