// Loaded into the server under test by --import: how long its event loop, and so receiving, stood still.
import type { Socket } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";

const histogram = monitorEventLoopDelay({ resolution: 1 });
histogram.enable();

/** The longest delay since the last question, for each line on stdin. */
createInterface({ input: process.stdin }).on("line", () => {
  process.stdout.write(`${JSON.stringify({ stallMs: histogram.count === 0 ? 0 : histogram.max / 1e6 })}\n`);
  histogram.reset();
});
// Only a pipe or a socket can be let go of.
(process.stdin as Partial<Socket>).unref?.();
