import { type ContenderName, contenders } from "../../test/bench/contenders.ts";
import { memoryCells, memoryColumns } from "../../test/bench/report.ts";
import { type BenchResult, describeRounds } from "../../test/bench/results.ts";
import { digits } from "../../test/bench/table.ts";
import { markdownTable } from "./markdown-table.ts";
import { keptResults, newestResult } from "./newest-result.ts";

/**
 * What the newest kept result of `npm run bench` says: CPU by request, spans by second, memory.
 * @param folder of kept results, in which other measurements may lie too
 */
export function performanceTables(folder = keptResults): string {
  const { file, result } = newestResult("", isBenchResult, folder);
  const { machine } = result;
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  return [
    `One run, kept in [test/bench/results/${file}](../test/bench/results/${file}): ${machine.cpu}, ` +
      `${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}, ` +
      `${packages.join(", ")}. Medians of ${describeRounds(result)}.`,
    "Microseconds of CPU for one request:",
    cpuTable(result),
    "Resident memory over all payloads of the run:",
    memoryTable(result),
  ].join("\n\n");
}

function isBenchResult(result: unknown): result is BenchResult {
  const { machine, cases, residentBytes } = (result ?? {}) as Partial<BenchResult>;
  return machine !== undefined && residentBytes !== undefined && Array.isArray(cases);
}

const payloads = ["1 span", "100 spans", "512 spans", "100 spans, gzip", "512 spans, gzip"] as const;

function cpuTable({ cases }: BenchResult): string {
  const names = [...new Set(cases.map(({ contender }) => contender))];
  return markdownTable(
    ["server", ...payloads, "spans a second, 512 a request"],
    names.map((name) => {
      const of = (wanted: string) =>
        cases.find(({ contender, payload }) => contender === name && payload === wanted);
      const cpu = payloads.map((payload) => figure(of(payload)?.cpuMicrosPerRequest));
      return [titleOf(name), ...cpu, figure(of("512 spans")?.itemsPerSecond)];
    }),
  );
}

function memoryTable({ residentBytes }: BenchResult): string {
  const rows = Object.entries(residentBytes).map(([name, bytes]) => [
    titleOf(name as ContenderName),
    ...memoryCells(bytes),
  ]);
  return markdownTable(["server", ...memoryColumns], rows);
}

function titleOf(name: ContenderName): string {
  // A kept result may name a server that the benchmark has no more.
  const { title } = contenders[name] ?? { title: name };
  return title.startsWith("obsvty") ? `**${title}**` : title;
}

function figure(value: number | undefined): string {
  return value === undefined ? "" : digits(value);
}
