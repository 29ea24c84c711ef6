import { type ForwardResult, forwardColumns, forwardRows } from "../../test/bench/forward-report.ts";
import { describeRounds } from "../../test/bench/results.ts";
import { markdownTable } from "./markdown-table.ts";
import { newestResult } from "./newest-result.ts";

/** What the newest kept result of `npm run bench:forward` says: CPU by request, a table for each payload. */
export function forwardTables(): string {
  const { file, result } = newestResult<ForwardResult>("forward-");
  const { machine, cases } = result;
  const payloads = [...new Set(cases.map(({ payload }) => payload))];
  return [
    `One run, kept in [test/bench/results/${file}](../test/bench/results/${file}): ${machine.cpu}, ` +
      `${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}. Medians of ${describeRounds(result)}.`,
    ...payloads.map((payload) => {
      const rows = forwardRows(result, payload).map(([title = "", ...figures]) => [
        title.startsWith("obsvty") ? `**${title}**` : title,
        ...figures,
      ]);
      return markdownTable([payload, ...forwardColumns], rows);
    }),
  ].join("\n\n");
}
