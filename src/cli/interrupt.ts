import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Runs something at the first Ctrl-C instead of ending at once; the second ends the process as ever.
 * @param stop given the exit code by which a shell knows the signal
 * @returns stops listening
 */
export function onInterrupt(stop: (exitCode: number) => void): () => void {
  const forget = () => {
    for (const signal of signals) process.removeListener(signal, listener);
  };
  const listener = (signal: NodeJS.Signals) => {
    forget();
    stop(128 + constants.signals[signal]);
  };
  for (const signal of signals) process.on(signal, listener);
  return forget;
}
