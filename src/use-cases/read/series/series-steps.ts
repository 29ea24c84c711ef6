import { invalidArgument } from "../../../domain/errors.ts";
import type { Steps } from "../figures/nice-step.ts";
import type { TimeWindow } from "../figures/time-range.ts";

const defaultSteps = 300n;
const maxSteps = 1_000n;
const minStepNano = 1_000_000n;

/**
 * Steps that reach over a window, the first one from a multiple of their length since the epoch.
 * @param asked the length of a step. By default a 300th of the window, rounded up to 1, 2 or 5 times a power of ten of
 *   seconds, and at least a millisecond
 * @throws ObsvtyError invalid-argument that names `step`
 */
export function seriesSteps({ startUnixNano, endUnixNano }: TimeWindow, asked: bigint | undefined): Steps {
  if (asked !== undefined && asked < minStepNano) throw invalidArgument("step", "must be at least 0.001s");
  const stepNano = asked ?? roundedUp((endUnixNano - startUnixNano + defaultSteps - 1n) / defaultSteps);
  const start = (startUnixNano / stepNano) * stepNano;
  const count = (endUnixNano - start + stepNano - 1n) / stepNano;
  if (count > maxSteps) {
    throw invalidArgument(
      "step",
      `makes ${count} points of this range of time, at most ${maxSteps} are allowed`,
    );
  }
  return { startUnixNano: start, stepNano, count: Number(count) };
}

function roundedUp(nanos: bigint): bigint {
  for (let power = minStepNano; ; power *= 10n) {
    const step = [power, 2n * power, 5n * power].find((each) => each >= nanos);
    if (step !== undefined) return step;
  }
}
