import { readdirSync, readFileSync } from "node:fs";
import { type ContenderName, contenders } from "../../test/bench/contenders.ts";
import type { BenchResult } from "../../test/bench/results.ts";
import { digits, mebibytes } from "../../test/bench/table.ts";
import { markdownTable } from "./markdown-table.ts";

const results = new URL("../../test/bench/results/", import.meta.url);

/** What the newest kept result of `npm run bench` says: CPU by request, spans by second, memory. */
export function performanceTables(): string {
  // Results are named by their date.
  const file =
    readdirSync(results)
      .filter((name) => name.endsWith(".json"))
      .sort()
      .at(-1) ?? "";
  const result = JSON.parse(readFileSync(new URL(file, results), "utf8")) as BenchResult;
  const { machine, rounds } = result;
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  return [
    `One run, kept in [test/bench/results/${file}](../test/bench/results/${file}): ${machine.cpu}, ` +
      `${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}, ` +
      `${packages.join(", ")}. Medians of ${rounds} rounds.`,
    "Microseconds of CPU for one request:",
    cpuTable(result),
    "Peak resident memory over all payloads of the run:",
    memoryTable(result),
  ].join("\n\n");
}

const payloads = ["1 span", "100 spans", "512 spans", "512 logs", "512 points"] as const;

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

function memoryTable({ peakResidentBytes }: BenchResult): string {
  const rows = Object.entries(peakResidentBytes).map(([name, bytes]) => [
    titleOf(name as ContenderName),
    mebibytes(bytes),
  ]);
  return markdownTable(["server", "peak"], rows);
}

function titleOf(name: ContenderName): string {
  const { title } = contenders[name];
  return title.startsWith("obsvty") ? `**${title}**` : title;
}

function figure(value: number | undefined): string {
  return value === undefined ? "" : digits(value);
}
