// A walk over a request runs in steps: it pauses between two fields once a step has gone over its share of bytes, by
// returning from all levels of messages, and goes on by entering them again. The scanner and the strict validator walk.

/** Where the addresses are from which the levels go on, one each. */
let ways: usize = 0;
/** The address up to which the step at hand goes. */
export let stepEnd: usize = 0;
/** The level at which the walk paused; 0 when it is not about to go on from there. */
export let pausedAt: u32 = 0;

/** @param waysAt where the addresses of the levels may be kept, four bytes each */
export function beginSteps(waysAt: usize): void {
  ways = waysAt;
  pausedAt = 0;
}

/** @param from where the walk begins, unless it goes on */
export function beginStep(from: usize, bytes: u32): void {
  stepEnd = (pausedAt == 0 ? from : wayAt(pausedAt)) + bytes;
}

/** Goes on from this level, if it is the one that paused: those around it have been entered again. */
export function goOnAt(level: u32): void {
  if (pausedAt == level) pausedAt = 0;
}

/** Returns false, as a fault does. */
export function pause(level: u32, at: usize): bool {
  pausedAt = level;
  setWay(level, at);
  return false;
}

/** The field from which this level goes on. */
export function wayAt(level: u32): usize {
  return load<u32>(ways + (<usize>level << 2));
}

export function setWay(level: u32, at: usize): void {
  store<u32>(ways + (<usize>level << 2), <u32>at);
}
