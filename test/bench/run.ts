import { parseArgs } from "node:util";
import { type Contender, type ContenderName, contenders } from "./contenders.ts";
import { Case, type Latency, median, startLoad, type Throughput } from "./measure.ts";
import { type PayloadName, payloadNames, payloads } from "./payloads.ts";
import { pinSelf, residentBytes } from "./proc.ts";
import { formatReport } from "./report.ts";
import { type BenchResult, type CaseResult, describeMachine, writeResult } from "./results.ts";
import { buildObsvty, type Target } from "./target.ts";

const usage = `node test/bench/run.ts [options]
  --quick            Node servers, three payloads, short rounds: about a minute
  --only a,b         servers: ${Object.keys(contenders).join(", ")}
  --payloads "a;b"   payloads: ${payloadNames.join("; ")}
  --rounds N         rounds, of which the median counts
  --seconds S        length of one run
  --before DIR       another checkout of obsvty, with its packages installed, measured in the same rounds
  --out NAME         writes results/NAME.json instead of results/latest.json`;

interface Plan {
  readonly contenders: readonly ContenderName[];
  readonly payloads: readonly PayloadName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly out: string;
  readonly before: string | undefined;
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      payloads: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      out: { type: "string", default: "latest" },
      before: { type: "string" },
    },
  });
  const takesPart = ({ runs }: Contender): boolean =>
    runs === "always" || (runs === "with --before" ? values.before !== undefined : !values.quick);
  const names = Object.keys(contenders) as ContenderName[];
  return {
    contenders: values.only
      ? chosen(values.only.split(","), names)
      : names.filter((name) => takesPart(contenders[name])),
    payloads: values.payloads
      ? chosen(values.payloads.split(";"), payloadNames)
      : payloadNames.filter((name) => !values.quick || quickPayloads.has(name)),
    rounds: Number(values.rounds ?? (values.quick ? 3 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 0.4 : 2)),
    out: values.out,
    before: values.before,
  };
}

const quickPayloads: ReadonlySet<PayloadName> = new Set(["1 span", "100 spans", "512 spans"]);

function chosen<Name extends string>(asked: readonly string[], known: readonly Name[]): Name[] {
  const unknown = asked.filter((name) => !known.includes(name.trim() as Name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(", ")}\n${usage}`);
  return asked.map((name) => name.trim() as Name);
}

interface Entry {
  readonly contender: ContenderName;
  readonly payload: PayloadName;
  readonly case: Case;
  requests: number;
  readonly throughputs: Throughput[];
  readonly latencies: Latency[];
}

async function runBench(plan: Plan): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const load = stack.use(startLoad());
  const targets = new Map<ContenderName, Target>();
  const skipped: string[] = [];
  const residentAtStart = new Map<ContenderName, number>();
  for (const name of plan.contenders) {
    try {
      const target = stack.use(await contenders[name].start(plan.before));
      targets.set(name, target);
      residentAtStart.set(name, residentBytes(target.pid, "now"));
    } catch (error) {
      skipped.push(`${contenders[name].title}: ${(error as Error).message}`);
    }
  }
  // By payload, and in it by server: what is compared is measured within seconds of each other.
  const entries = plan.payloads.flatMap((payload) =>
    [...targets].flatMap(([contender, target]): Entry[] => {
      const asked: Contender = contenders[contender];
      if (!asked.payloads.includes(payload)) return [];
      const one = new Case(asked, target, load, payload);
      return [{ contender, payload, case: one, requests: 0, throughputs: [], latencies: [] }];
    }),
  );
  say("warming up");
  for (const entry of entries) entry.requests = await entry.case.calibrate(plan.seconds);
  for (let round = 1; round <= plan.rounds; round++) {
    say(`round ${round} of ${plan.rounds}`);
    // There and back: what comes first after another payload is not always the same server.
    for (const entry of round % 2 === 0 ? entries.toReversed() : entries) {
      entry.throughputs.push(await entry.case.throughput(entry.requests));
    }
  }
  const memory = [...targets].map(([name, { pid }]) => {
    const [peak, afterwards] = [residentBytes(pid, "peak"), residentBytes(pid, "now")];
    return [name, { atStart: residentAtStart.get(name) ?? 0, peak, afterwards }] as const;
  });
  for (let round = 1; round <= plan.rounds; round++) {
    say(`latency, round ${round} of ${plan.rounds}`);
    for (const entry of entries) {
      const { gzip, latencyRate } = payloads[entry.payload];
      const capacity = median(entry.throughputs.map((run) => run.requestsPerSecond));
      if (gzip || capacity < latencyRate * 1.2) continue;
      entry.latencies.push(await entry.case.latency(latencyRate, plan.seconds));
    }
  }
  return {
    machine: describeMachine(),
    rounds: plan.rounds,
    cases: entries.map(summarize),
    residentBytes: Object.fromEntries(memory),
    skipped,
  };
}

function summarize({ contender, payload, throughputs, latencies }: Entry): CaseResult {
  const { items } = payloads[payload];
  const cpu = throughputs.map((run) => run.cpuMicrosPerRequest);
  const requestsPerSecond = median(throughputs.map((run) => run.requestsPerSecond));
  const latency = (key: keyof Latency) => median(latencies.map((one) => one[key]));
  return {
    contender,
    payload,
    requestsPerSecond,
    itemsPerSecond: requestsPerSecond * items,
    cpuMicrosPerRequest: median(cpu),
    cpuMicrosRange: [Math.min(...cpu), Math.max(...cpu)],
    // Microseconds an item are seconds a million items.
    cpuSecondsPerMillionItems: median(cpu) / items,
    latencyMs:
      latencies.length === 0
        ? undefined
        : { p50: latency("p50"), p95: latency("p95"), p99: latency("p99"), max: latency("max") },
  };
}

function say(progress: string): void {
  process.stderr.write(`${progress}\n`);
}

const plan = readPlan();
pinSelf();
buildObsvty();
const result = await runBench(plan);
process.stdout.write(`${formatReport(result)}\n`);
say(`written to ${writeResult(plan.out, result)}`);
