import { type ContenderName, contenders } from "./contenders.ts";
import { type PayloadName, payloadNames } from "./payloads.ts";
import type { BenchResult, CaseResult } from "./results.ts";
import { digits, formatTable, mebibytes } from "./table.ts";

/** The most that a gRPC export may cost, as a share of what another server does, by payload. */
const targets: readonly {
  readonly against: ContenderName;
  readonly atMost: Partial<Record<PayloadName, number>>;
}[] = [
  { against: "floor", atMost: { "1 span": 1.5, "100 spans": 1.9, "512 spans": 2.0 } },
  { against: "grpc-js", atMost: { "1 span": 0.8, "100 spans": 0.08, "512 spans": 0.06 } },
  { against: "connect-fastify", atMost: { "1 span": 0.15, "100 spans": 0.08, "512 spans": 0.05 } },
  { against: "python", atMost: { "1 span": 0.4, "100 spans": 0.13, "512 spans": 0.08 } },
  { against: "collector", atMost: { "100 spans": 0.6, "512 spans": 0.5 } },
];

export function formatReport(result: BenchResult): string {
  const { machine, rounds, skipped } = result;
  const parts = [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}; medians of ${rounds} rounds`,
    ...payloadNames.map((payload) => formatPayload(payload, result)),
    formatTargets(result),
    formatMemory(result),
    ...skipped.map((reason) => `Skipped: ${reason}`),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function find(
  { cases }: BenchResult,
  contender: ContenderName,
  payload: PayloadName,
): CaseResult | undefined {
  return cases.find((one) => one.contender === contender && one.payload === payload);
}

function formatPayload(payload: PayloadName, result: BenchResult): string {
  const cases = result.cases.filter((one) => one.payload === payload);
  if (cases.length === 0) return "";
  const floor = find(result, "floor", payload)?.cpuMicrosPerRequest;
  const grpc = find(result, "grpc", payload)?.cpuMicrosPerRequest;
  const rows = cases.map((one) => {
    const cpu = one.cpuMicrosPerRequest;
    return [
      contenders[one.contender].title,
      digits(one.requestsPerSecond),
      digits(one.itemsPerSecond),
      digits(cpu),
      one.cpuMicrosRange.map(digits).join("-"),
      digits(one.cpuSecondsPerMillionItems),
      floor === undefined ? "" : `${digits(cpu / floor)}x`,
      grpc === undefined ? "" : `${(grpc / cpu).toFixed(3)}x`,
      ...(["p50", "p95", "p99"] as const).map((p) => one.latencyMs?.[p].toFixed(2) ?? ""),
    ];
  });
  const header = ["", "requests/s", "items/s", "CPU us/request", "range", "CPU s/M items"];
  const ratios = ["of floor", "gRPC is", "p50 ms", "p95 ms", "p99 ms"];
  return `${payload}\n${formatTable([...header, ...ratios], rows)}`;
}

function formatTargets(result: BenchResult): string {
  const rows: string[][] = [];
  const add = (what: string, payload: string, is: number | undefined, atMost: number | undefined) => {
    if (is === undefined || atMost === undefined) return;
    rows.push([what, payload, digits(is), digits(atMost), is <= atMost ? "met" : "MISSED"]);
  };
  for (const { against, atMost } of targets) {
    for (const payload of payloadNames) {
      const ours = find(result, "grpc", payload);
      const other = find(result, against, payload);
      if (ours === undefined || other === undefined) continue;
      const ratio = ours.cpuMicrosPerRequest / other.cpuMicrosPerRequest;
      add(`gRPC / ${contenders[against].title}`, payload, ratio, atMost[payload]);
    }
  }
  const many = find(result, "grpc", "512 spans");
  add("gRPC, CPU seconds per million spans", "512 spans", many?.cpuSecondsPerMillionItems, 0.75);
  add("gRPC, p99 ms at half load", "100 spans", find(result, "grpc", "100 spans")?.latencyMs?.p99, 10);
  return rows.length === 0 ? "" : `Targets\n${formatTable(["", "payload", "is", "at most", ""], rows)}`;
}

function formatMemory({ peakResidentBytes }: BenchResult): string {
  const rows = Object.entries(peakResidentBytes).map(([name, bytes]) => [
    contenders[name as ContenderName].title,
    mebibytes(bytes),
  ]);
  return `Peak resident memory over all payloads\n${formatTable(["", "peak"], rows)}`;
}
