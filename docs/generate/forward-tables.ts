import { readdirSync, readFileSync } from "node:fs";
import { type ForwardResult, forwardColumns, forwardRows } from "../../test/bench/forward-report.ts";
import { describeRounds } from "../../test/bench/results.ts";
import { markdownTable } from "./markdown-table.ts";

const results = new URL("../../test/bench/results/", import.meta.url);

/** What the newest kept result of `npm run bench:forward` says: CPU by request, a table for each payload. */
export function forwardTables(): string {
  const file = readdirSync(results)
    .filter((name) => /^forward-\d{4}-\d\d-\d\d.*\.json$/.test(name))
    .sort()
    .at(-1);
  if (file === undefined) throw new Error("no result of npm run bench:forward is kept");
  const result = JSON.parse(readFileSync(new URL(file, results), "utf8")) as ForwardResult;
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
