import { readdirSync, readFileSync } from "node:fs";
import { type ReadResult, readColumns, readRows } from "../../test/bench/read-report.ts";
import { digits } from "../../test/bench/table.ts";
import { markdownTable } from "./markdown-table.ts";

const results = new URL("../../test/bench/results/", import.meta.url);

/** What the newest kept result of `npm run bench:read` says: how long each way of reading takes. */
export function readTable(): string {
  const file = readdirSync(results)
    .filter((name) => /^read-\d{4}-\d\d-\d\d.*\.json$/.test(name))
    .sort()
    .at(-1);
  if (file === undefined) throw new Error("no result of npm run bench:read is kept");
  const result = JSON.parse(readFileSync(new URL(file, results), "utf8")) as ReadResult;
  const { machine, rounds, items, bytesSent } = result;
  return [
    `One run, kept in [test/bench/results/${file}](../test/bench/results/${file}): ${machine.cpu}, ` +
      `${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}. ${items.toLocaleString("en-US")} spans of ` +
      `${digits(bytesSent / items)} bytes held, ${rounds} calls of each kind.`,
    markdownTable(["call", ...readColumns], readRows(result)),
  ].join("\n\n");
}
