import { type Signal, signals } from "../../../src/domain/signal.ts";

/** An input of one byte that stands for a signal, and a request. */
export function signalInput(signal: Signal, request: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(signals.indexOf(signal)), request]);
}

export function splitSignalInput(input: Uint8Array): {
  readonly signal: Signal;
  readonly request: Uint8Array;
} {
  const signal = signals[(input[0] ?? 0) % signals.length] ?? "traces";
  return { signal, request: input.subarray(1) };
}
