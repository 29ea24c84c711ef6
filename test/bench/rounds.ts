import type { Contender } from "./contenders.ts";
import { Case, type Latency, median, startLoad, type Throughput } from "./measure.ts";
import { type PayloadName, payloads } from "./payloads.ts";
import { cpuMicros, residentBytes } from "./proc.ts";
import { type BenchResult, type CaseResult, describeMachine, type ResidentBytes } from "./results.ts";
import type { Target } from "./target.ts";

/** What is measured against what, and for how long. */
export interface RoundsPlan<Name extends string> {
  readonly contenders: readonly Name[];
  readonly payloads: readonly PayloadName[];
  /** Of each server: two processes of one and the same build can differ by a tenth, for as long as they live. */
  readonly processes: number;
  readonly rounds: number;
  /**
   * Seconds of CPU that each server uses before the rounds that count. V8 goes on compiling what is used often, on
   * threads of its own, for the first three or so: until then a server that has more code seems to cost more.
   */
  readonly warmUpSeconds: number;
  /** Of one run. */
  readonly seconds: number;
  /** The checkout that `--before` names. */
  readonly before?: string | undefined;
  /** Whether latency is measured too, at the rate of each payload. */
  readonly latency: boolean;
}

/** A payload on one process of a server. */
interface Entry<Name extends string> {
  readonly contender: Name;
  readonly pid: number;
  readonly payload: PayloadName;
  readonly case: Case;
  requests: number;
  readonly throughputs: Throughput[];
  readonly latencies: Latency[];
}

/** Starts all servers, and has each take its turn in every round. One that cannot be started is skipped. */
export async function runRounds<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  plan: RoundsPlan<Name>,
): Promise<BenchResult<Name>> {
  await using stack = new AsyncDisposableStack();
  const load = stack.use(startLoad());
  const targets: { readonly name: Name; readonly target: Target; readonly atStart: number }[] = [];
  const skipped: string[] = [];
  // One process of each after the other, as they take their turns.
  for (let process = 0; process < plan.processes; process++) {
    for (const name of plan.contenders) {
      if (process > 0 && !targets.some((started) => started.name === name)) continue;
      try {
        const target = stack.use(await contenders[name].start(plan.before));
        targets.push({ name, target, atStart: residentBytes(target.pid, "now") });
      } catch (error) {
        skipped.push(`${contenders[name].title}: ${(error as Error).message}`);
      }
    }
  }
  // By payload, and in it by server: what is compared is measured within seconds of each other.
  const entries = plan.payloads.flatMap((payload) =>
    targets.flatMap(({ name, target }): Entry<Name>[] => {
      const asked: Contender = contenders[name];
      if (!asked.payloads.includes(payload)) return [];
      const one = new Case(asked, target, load, payload);
      const { pid } = target;
      return [{ contender: name, pid, payload, case: one, requests: 0, throughputs: [], latencies: [] }];
    }),
  );
  const calibrate = async () => {
    for (const entry of entries) entry.requests = await entry.case.calibrate(plan.seconds);
  };
  say("warming up");
  await calibrate();
  await warmUp(
    Map.groupBy(entries, (entry) => entry.pid),
    plan.warmUpSeconds,
  );
  // A warm server takes more requests in the same time.
  await calibrate();
  for (let round = 1; round <= plan.rounds; round++) {
    say(`round ${round} of ${plan.rounds}`);
    // There and back: what comes first after another payload is not always the same server.
    for (const entry of round % 2 === 0 ? entries.toReversed() : entries) {
      entry.throughputs.push(await entry.case.throughput(entry.requests));
    }
  }
  const memory = targets.map(({ name, target: { pid }, atStart }) => {
    return { name, atStart, peak: residentBytes(pid, "peak"), afterwards: residentBytes(pid, "now") };
  });
  for (let round = 1; plan.latency && round <= plan.rounds; round++) {
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
    processes: plan.processes,
    cases: Map.groupBy(entries, ({ contender, payload }) => `${contender}, ${payload}`)
      .values()
      .map(summarize)
      .toArray(),
    residentBytes: Object.fromEntries(
      Map.groupBy(memory, ({ name }) => name)
        .entries()
        .map(([name, ofProcesses]) => [name, mostOf(ofProcesses)]),
    ) as Partial<Record<Name, ResidentBytes>>,
    skipped,
  };
}

/** Of several processes of one server, the most at each time. */
function mostOf(processes: readonly ResidentBytes[]): ResidentBytes {
  const most = (when: keyof ResidentBytes) => Math.max(...processes.map((bytes) => bytes[when]));
  return { atStart: most("atStart"), peak: most("peak"), afterwards: most("afterwards") };
}

/**
 * All processes in turn, and in each all payloads, so that what is compiled serves all of them. A process that were
 * warmed alone and then waited for the others would be measured while it gives its memory back, which costs CPU.
 * @param byProcess the entries of each, by its process id
 */
async function warmUp<Name extends string>(
  byProcess: ReadonlyMap<number, readonly Entry<Name>[]>,
  warmUpSeconds: number,
): Promise<void> {
  for (;;) {
    const cold = [...byProcess].filter(([pid]) => cpuMicros(pid) < warmUpSeconds * 1e6);
    if (cold.length === 0) return;
    for (const entry of cold.flatMap(([, ofProcess]) => ofProcess))
      await entry.case.throughput(entry.requests);
  }
}

/** @param entries of the processes of one server, for one payload */
function summarize<Name extends string>(entries: readonly Entry<Name>[]): CaseResult<Name> {
  const { contender, payload } = entries[0]!;
  const throughputs = entries.flatMap((entry) => entry.throughputs);
  const latencies = entries.flatMap((entry) => entry.latencies);
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

export function say(progress: string): void {
  process.stderr.write(`${progress}\n`);
}
