import { type ForwardContenderName, forwardContenders } from "./forward-contenders.ts";
import type { PayloadName } from "./payloads.ts";
import { type BenchResult, describeRounds } from "./results.ts";
import { digits, formatTable } from "./table.ts";

export type ForwardResult = BenchResult<ForwardContenderName>;

/** The most CPU that handing on may cost, as a share of what another server takes for the same exports. */
const targets: readonly {
  readonly ours: ForwardContenderName;
  readonly against: ForwardContenderName;
  readonly atMost: number;
}[] = [
  { ours: "otlp", against: "receive", atMost: 1.6 },
  { ours: "kafka", against: "receive", atMost: 1.6 },
  { ours: "otlp", against: "collector-otlp", atMost: 0.5 },
  { ours: "otlp-gzip", against: "collector-otlp-gzip", atMost: 0.5 },
  { ours: "kafka", against: "collector-kafka", atMost: 0.5 },
];

/** Whom each server is compared with: itself without handing on. */
function baseOf(name: ForwardContenderName): ForwardContenderName {
  return name.startsWith("collector") ? "collector-receive" : "receive";
}

export const forwardColumns = ["CPU us/request", "of receiving alone", "CPU us/span", "spans/s"] as const;

/** The rows of one payload, a server each. */
export function forwardRows({ cases }: ForwardResult, payload: PayloadName): string[][] {
  const cpuOf = (name: ForwardContenderName) =>
    cases.find((one) => one.contender === name && one.payload === payload)?.cpuMicrosPerRequest;
  return cases
    .filter((one) => one.payload === payload)
    .map((one) => {
      const base = cpuOf(baseOf(one.contender));
      return [
        forwardContenders[one.contender].title,
        digits(one.cpuMicrosPerRequest),
        base === undefined ? "" : digits(one.cpuMicrosPerRequest / base),
        digits(one.cpuSecondsPerMillionItems),
        digits(one.itemsPerSecond),
      ];
    });
}

export function formatForwardReport(result: ForwardResult): string {
  const { machine, cases, skipped } = result;
  const names = [...new Set(cases.map(({ payload }) => payload))];
  const rows = names.flatMap((payload) =>
    targets.flatMap(({ ours, against, atMost }) => {
      const find = (name: ForwardContenderName) =>
        cases.find((one) => one.contender === name && one.payload === payload);
      const [one, other] = [find(ours), find(against)];
      if (one === undefined || other === undefined) return [];
      const ratio = one.cpuMicrosPerRequest / other.cpuMicrosPerRequest;
      const what = `${forwardContenders[ours].title} / ${forwardContenders[against].title}`;
      return [[what, payload, digits(ratio), digits(atMost), ratio <= atMost ? "met" : "MISSED"]];
    }),
  );
  return [
    `${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}; medians of ${describeRounds(result)}`,
    ...names.map(
      (payload) => `${payload}\n${formatTable(["", ...forwardColumns], forwardRows(result, payload))}`,
    ),
    `Targets\n${formatTable(["", "payload", "is", "at most", ""], rows)}`,
    ...skipped.map((reason) => `Skipped: ${reason}`),
  ].join("\n\n");
}
