import { createInterface } from "node:readline";

export interface Counts {
  /** Requests answered; obsvty counts items alone. */
  readonly requests?: number;
  /** Items accepted; not known to a server that keeps bytes. */
  readonly items?: number;
}

/** Says on stdout which port is served, then for each line on stdin what was counted so far. */
export function reportOnStdio(port: number, counts: () => Counts): void {
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  createInterface({ input: process.stdin }).on("line", () => {
    process.stdout.write(`${JSON.stringify(counts())}\n`);
  });
}
