import { parseArgs } from "node:util";
import { buildObsvty } from "../bench/target.ts";
import { type AttackName, attackNames } from "./attacks/attacks.ts";
import { soak } from "./soak.ts";
import { judge } from "./verdict.ts";

// npm run test:soak -- --seconds 240 --attackers all|none|NAME,NAME --memory 512

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "240" },
    attackers: { type: "string", default: "all" },
    /** MiB that the server is sized for. */
    memory: { type: "string", default: "512" },
  },
});
const memoryBytes = Number(values.memory) * 2 ** 20;

function chosenAttackers(): readonly AttackName[] {
  if (values.attackers === "all") return attackNames;
  if (values.attackers === "none") return [];
  const names = values.attackers.split(",");
  const unknown = names.find((name) => !attackNames.includes(name as AttackName));
  if (unknown !== undefined) throw new Error(`no attack ${unknown}; there are ${attackNames.join(", ")}`);
  return names as AttackName[];
}

const words = (holds: boolean | undefined) => (holds === undefined ? "?   " : holds ? "ok  " : "FAIL");
const say = (line: string) => process.stdout.write(`${line}\n`);
const attackers = chosenAttackers();
buildObsvty();
try {
  const outcome = await soak({
    seconds: Number(values.seconds),
    attackers,
    memoryBytes,
    onRound: ({ attack, elapsedMs, cut, residentBytes }) =>
      say(
        `attack ${attack}: ${Math.round(elapsedMs)} ms${cut ? ", cut" : ""}, then ${Math.round(residentBytes / 2 ** 20)} MiB resident`,
      ),
  });
  for (const { what, figures, holds } of judge(outcome, memoryBytes)) {
    say(`${words(holds)} ${what}: ${figures}`);
    if (holds === false) process.exitCode = 1;
  }
  const unsent = outcome.load.reduce((sum, result) => sum + result.unsent, 0);
  say(`at twice the capacity ${unsent} calls were due but found no free stream for a second`);
} catch (reason) {
  say(`FAIL ${reason instanceof Error ? reason.message : String(reason)}`);
  process.exitCode = 1;
}
