import { parseArgs } from "node:util";
import { type ForwardContenderName, forwardContenders } from "./forward-contenders.ts";
import { formatForwardReport } from "./forward-report.ts";
import type { PayloadName } from "./payloads.ts";
import { pinSelf } from "./proc.ts";
import { writeResult } from "./results.ts";
import { runRounds, say } from "./rounds.ts";
import { buildObsvty } from "./target.ts";

// What handing on costs beside receiving alone: servers in turns on one core, load and upstreams on the other.

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    payloads: { type: "string" },
    processes: { type: "string", default: "2" },
    rounds: { type: "string", default: "7" },
    // In half a second a quiet machine sends more than the buffer holds, which a lossless sink refuses.
    seconds: { type: "string", default: "0.15" },
    out: { type: "string", default: "forward-latest" },
  },
});

pinSelf();
buildObsvty();
const names = Object.keys(forwardContenders) as ForwardContenderName[];
const result = await runRounds(forwardContenders, {
  contenders: names.filter((name) => values.only?.split(",").includes(name) ?? true),
  payloads: (values.payloads?.split(";") ?? ["100 spans", "512 spans"]) as PayloadName[],
  processes: Number(values.processes),
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  warmUpSeconds: 5,
  latency: false,
});
process.stdout.write(`${formatForwardReport(result)}\n`);
say(`written to ${writeResult(values.out, result)}`);
