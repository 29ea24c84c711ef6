import { type ContenderName, contenders } from "./contenders.ts";
import { type PayloadName, payloadNames } from "./payloads.ts";
import { type BenchResult, type CaseResult, describeRounds, type ResidentBytes } from "./results.ts";
import { digits, formatTable, mebibytes } from "./table.ts";

/** The most CPU that an export may cost, as a share of what another server takes, by payload. */
const targets: readonly {
  readonly ours: ContenderName;
  readonly against: ContenderName;
  readonly atMost: Partial<Record<PayloadName, number>>;
}[] = [
  { ours: "grpc", against: "floor", atMost: { "1 span": 1.2, "100 spans": 1.9, "512 spans": 2.0 } },
  { ours: "grpc", against: "grpc-js", atMost: { "1 span": 0.8, "100 spans": 0.08, "512 spans": 0.06 } },
  {
    ours: "grpc",
    against: "connect-fastify",
    atMost: { "1 span": 0.15, "100 spans": 0.08, "512 spans": 0.05 },
  },
  { ours: "grpc", against: "collector", atMost: { "100 spans": 0.6, "512 spans": 0.5 } },
  { ours: "http1", against: "collector-http1", atMost: { "1 span": 1.3 } },
  {
    ours: "json",
    against: "collector-json",
    atMost: {
      "1 span": 1.3,
      "100 spans": 0.7,
      "512 spans": 0.7,
      "100 spans, gzip": 0.7,
      "512 spans, gzip": 0.7,
    },
  },
  { ours: "grpc-web", against: "http", atMost: { "1 span": 1.2, "100 spans": 1.2, "512 spans": 1.2 } },
  { ours: "connect", against: "http", atMost: { "1 span": 1.2, "100 spans": 1.2, "512 spans": 1.2 } },
];

/** Contenders of the checkout that `--before` names are called like those of this one, with this in front. */
const beforePrefix = "before-";

export function formatReport(result: BenchResult): string {
  const { machine, skipped } = result;
  const parts = [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}; medians of ${describeRounds(result)}`,
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
  for (const { ours, against, atMost } of targets) {
    for (const payload of payloadNames) {
      const one = find(result, ours, payload);
      const other = find(result, against, payload);
      if (one === undefined || other === undefined) continue;
      const ratio = one.cpuMicrosPerRequest / other.cpuMicrosPerRequest;
      add(`${contenders[ours].title} / ${contenders[against].title}`, payload, ratio, atMost[payload]);
    }
  }
  for (const { contender, payload, cpuMicrosPerRequest } of result.cases) {
    if (!contender.startsWith(beforePrefix)) continue;
    const now = find(result, contender.slice(beforePrefix.length) as ContenderName, payload);
    if (now === undefined) continue;
    add(`now / ${contenders[contender].title}`, payload, now.cpuMicrosPerRequest / cpuMicrosPerRequest, 1.05);
  }
  const many = find(result, "grpc", "512 spans");
  add("gRPC, CPU seconds per million spans", "512 spans", many?.cpuSecondsPerMillionItems, 0.75);
  add(
    "gRPC, p99 ms at the payload's rate",
    "100 spans",
    find(result, "grpc", "100 spans")?.latencyMs?.p99,
    10,
  );
  return rows.length === 0 ? "" : `Targets\n${formatTable(["", "payload", "is", "at most", ""], rows)}`;
}

function formatMemory({ residentBytes }: BenchResult): string {
  const rows = Object.entries(residentBytes).map(([name, bytes]) => [
    contenders[name as ContenderName].title,
    ...memoryCells(bytes),
  ]);
  return `Resident memory over all payloads\n${formatTable(["", ...memoryColumns], rows)}`;
}

export const memoryColumns = ["at the start", "peak", "after the load"] as const;

export function memoryCells({ atStart, peak, afterwards }: ResidentBytes): string[] {
  return [atStart, peak, afterwards].map(mebibytes);
}
