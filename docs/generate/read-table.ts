import { type ReadResult, readColumns, readRows } from "../../test/bench/read-report.ts";
import { digits } from "../../test/bench/table.ts";
import { markdownTable } from "./markdown-table.ts";
import { newestResult } from "./newest-result.ts";

/** What the newest kept result of `npm run bench:read` says: how long each way of reading takes. */
export function readTable(): string {
  const { file, result } = newestResult<ReadResult>("read-");
  const { machine, rounds, items, bytesSent } = result;
  return [
    `One run, kept in [test/bench/results/${file}](../test/bench/results/${file}): ${machine.cpu}, ` +
      `${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}. ${items.toLocaleString("en-US")} spans of ` +
      `${digits(bytesSent / items)} bytes held, ${rounds} calls of each kind.`,
    markdownTable(["call", ...readColumns], readRows(result)),
  ].join("\n\n");
}
