import { writeSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/** An endless loop on the main thread cannot be told there. This file is the program of the watching thread too. */
const LONGEST_MS = 60_000;

export interface Watchdog {
  /** @param what is at work from now on */
  begin(what: string): void;
  end(): void;
  stop(): void;
}

/** Ends the process when one piece of work does not end, and says which. */
export function startWatchdog(): Watchdog {
  const worker = new Worker(new URL(import.meta.url));
  worker.unref();
  return {
    begin: (what) => worker.postMessage(what),
    end: () => worker.postMessage(undefined),
    stop: () => void worker.terminate(),
  };
}

if (!isMainThread) {
  let timer: NodeJS.Timeout | undefined;
  parentPort?.on("message", (what: string | undefined) => {
    clearTimeout(timer);
    if (what === undefined) return;
    timer = setTimeout(() => {
      writeSync(2, `fuzz: does not end: ${what}\n`);
      process.kill(process.pid, "SIGKILL");
    }, LONGEST_MS);
  });
}
