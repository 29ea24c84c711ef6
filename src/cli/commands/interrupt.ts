import { constants } from "node:os";

const interrupts = ["SIGINT", "SIGTERM"] as const;

/**
 * Calls `stop` at the first Ctrl-C in place of ending the process; the second Ctrl-C ends the process.
 * @param stop called with the exit code by which a shell knows what ended the process
 * @returns a function that stops listening
 */
export function onInterrupt(stop: (exitCode: number) => void): () => void {
  const forget = () => {
    for (const name of interrupts) process.removeListener(name, listener);
  };
  const listener = (name: NodeJS.Signals) => {
    forget();
    stop(128 + constants.signals[name]);
  };
  for (const name of interrupts) process.on(name, listener);
  return forget;
}
