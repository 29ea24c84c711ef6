import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Calls `stop` at the first Ctrl-C in place of ending the process; the second Ctrl-C ends the process.
 * @param stop called with the exit code by which a shell knows the signal
 * @returns a function that stops listening
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
