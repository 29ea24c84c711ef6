import { parseArgs } from "node:util";
import { type Contender, type ContenderName, contenders } from "./contenders.ts";
import { type PayloadName, payloadNames } from "./payloads.ts";
import { pinSelf } from "./proc.ts";
import { formatReport } from "./report.ts";
import { writeResult } from "./results.ts";
import { type RoundsPlan, runRounds, say } from "./rounds.ts";
import { buildObsvty } from "./target.ts";

const usage = `node test/bench/run.ts [options]
  --quick            Node servers, three payloads, short rounds: about a minute
  --only a,b         servers: ${Object.keys(contenders).join(", ")}
  --payloads "a;b"   payloads: ${payloadNames.join("; ")}
  --processes N      processes of each server; their rounds count together
  --rounds N         rounds, of which the median counts
  --seconds S        length of one run
  --before DIR       another checkout of obsvty, with its packages installed, measured in the same rounds
  --out NAME         writes results/NAME.json instead of results/latest.json`;

interface Plan extends RoundsPlan<ContenderName> {
  readonly out: string;
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      payloads: { type: "string" },
      processes: { type: "string" },
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
    processes: Number(values.processes ?? (values.quick ? 1 : 2)),
    rounds: Number(values.rounds ?? (values.quick ? 3 : 5)),
    seconds: Number(values.seconds ?? (values.quick ? 0.4 : 1)),
    out: values.out,
    before: values.before,
    warmUpSeconds: 5,
    latency: true,
  };
}

const quickPayloads: ReadonlySet<PayloadName> = new Set(["1 span", "100 spans", "512 spans"]);

function chosen<Name extends string>(asked: readonly string[], known: readonly Name[]): Name[] {
  const unknown = asked.filter((name) => !known.includes(name.trim() as Name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(", ")}\n${usage}`);
  return asked.map((name) => name.trim() as Name);
}

const plan = readPlan();
pinSelf();
buildObsvty();
const result = await runRounds(contenders, plan);
process.stdout.write(`${formatReport(result)}\n`);
say(`written to ${writeResult(plan.out, result)}`);
