import { prettyFactory } from "pino-pretty";
import type { LogRecord } from "./bounded-line.ts";

/** Fields that stand in the first line, so that most events are one line; `rejected` is told by its reason. */
const told = ["method", "path", "code", "reason", "hint", "signal", "protocol", "remote", "rejected"];

/** Makes of a record of the log what people read. */
export function createPrettify(colorize: boolean): (record: LogRecord) => string {
  const size = (bytes: unknown) => sizeText(Number(bytes));
  return prettyFactory({
    colorize,
    ignore: ["hostname", ...told].join(","),
    messageFormat: (record) => firstLine(record as LogRecord),
    customPrettifiers: {
      maxBufferBytes: size,
      maxInflightBytes: size,
      maxQueryBytes: size,
      memoryBytes: size,
      neededBytes: size,
    },
  });
}

/** `refused POST /v1/trace: no such path (otlp-http, 127.0.0.1)` */
function firstLine(record: LogRecord): string {
  const { msg, method, path, code, reason = code, hint, signal, protocol, remote } = record;
  const what = [msg, method, path].filter(isGiven).join(" ");
  const why = [reason, hint].filter(isGiven).join("; ");
  const who = [signal, protocol, remote].filter(isGiven).join(", ");
  return `${what}${why === "" ? "" : `: ${why}`}${who === "" ? "" : ` (${who})`}`;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function sizeText(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
