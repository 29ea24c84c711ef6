import { type Signal, signals, signalTraits } from "../../domain/signal.ts";
import { requestSchemas } from "../services.ts";

/**
 * A field of an object that has unknown fields, but none of those that lead to items: another signal's payload,
 * or an early version of OTLP. All that such an object holds is ignored, and its sender would like to know.
 */
export interface UnknownField {
  /** The name as it was sent. */
  readonly name: string;
  /** The path of the object that has the field; "" for the request itself. */
  readonly path: string;
}

/** A warning for the sender. */
export function describeUnknownField(signal: Signal, { name, path }: UnknownField): string {
  const items = signalTraits[signal].itemNoun.many;
  const holder = path === "" ? "the request" : path;
  const warning = `${holder} leads to no ${items}; its first unknown field is ${printableName(name)}`;
  const other = path === "" ? signalOf(name) : undefined;
  return other === undefined ? warning : `${warning}, which belongs to ${signalTraits[other].httpPath}`;
}

/** A field's name, of at most 64 characters of printable ASCII, for answers and the log. */
export function printableName(name: string): string {
  const isLong = name.length > 64;
  return JSON.stringify(name.slice(0, 64).replace(/[^ -~]/g, "?")) + (isLong ? "..." : "");
}

/** The signal whose requests have this field. */
function signalOf(name: string): Signal | undefined {
  return signals.find((signal) =>
    requestSchemas[signal].fields.some((field) => field.jsonName === name || field.name === name),
  );
}
