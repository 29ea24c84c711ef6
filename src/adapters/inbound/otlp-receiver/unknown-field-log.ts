import type { FastifyBaseLogger } from "fastify";
import type { Signal } from "../../../domain/signal.ts";
import { describeUnknownField, printableName, type UnknownField } from "../../../otlp/json/unknown-field.ts";

export type LogUnknownField = (signal: Signal, field: UnknownField) => void;

/** Names are the sender's to choose; more than these are not worth a line each. */
const maxNames = 100;

/** Logs exports that lead to no items, once for each unknown field: an exporter sends the same again and again. */
export function createUnknownFieldLog(log: FastifyBaseLogger): LogUnknownField {
  const logged = new Set<string>();
  return (signal, field) => {
    const name = printableName(field.name);
    if (logged.has(name) || logged.size >= maxNames) return;
    logged.add(name);
    log.warn({ signal }, `an OTLP/JSON export was ignored in part: ${describeUnknownField(signal, field)}`);
  };
}
