const waiting: (() => void)[] = [];
let isScheduled = false;

/**
 * The right to hold the thread for one short piece of reading. There is one a turn of the event loop, for
 * all readers of the process together, in the order in which they asked: however many read, receiving waits
 * for one piece and not for one piece of each.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (!isScheduled) {
      isScheduled = true;
      setImmediate(giveTurn);
    }
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  isScheduled = waiting.length > 0;
  if (isScheduled) {
    // Of the next turn of the loop: what is scheduled from here does not run in this one.
    setImmediate(giveTurn);
  }
}
