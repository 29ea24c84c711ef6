/** Work in steps, between which the event loop turns; the steps are made anew each time. */
export type MakeSteps = () => Iterator<unknown, unknown>;

/** Work in one step. */
export function inOneStep(work: () => unknown): Iterator<unknown, unknown> {
  return { next: () => ({ done: true, value: work() }) };
}

/**
 * CPU time of the longest step, in milliseconds. Each step counts by the shortest time that it took in several rounds,
 * so that neither another process nor the compiler at its first round makes a difference.
 */
export function longestStep(makeSteps: MakeSteps, rounds = 3): number {
  let best: number[] | undefined;
  for (let round = 0; round < rounds; round++) {
    const steps = makeSteps();
    const times: number[] = [];
    for (let isDone = false; !isDone; ) {
      const before = process.threadCpuUsage();
      isDone = steps.next().done === true;
      const { user, system } = process.threadCpuUsage(before);
      times.push((user + system) / 1_000);
    }
    best = best?.map((time, step) => Math.min(time, times[step] ?? time)) ?? times;
  }
  return Math.max(...(best ?? []));
}

/**
 * CPU time of a loop that does nothing but hash bytes: on the machine on which the limit of 25 ms a step was set, it
 * takes these 25 ms. A step that takes longer holds up the event loop, however fast the machine is.
 */
export function calibration(): number {
  return longestStep(() => inOneStep(() => hashBytes(24_000_000)), 5);
}

function hashBytes(count: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < count; i++) hash = Math.imul(hash ^ (i & 0xff), 0x01000193);
  return hash;
}
