/** Notes in which turns of the event loop it is called. */
export function turnsOfCalls() {
  const called = new Set<number>();
  let turn = 0;
  let isOver = false;
  const next = () => {
    turn += 1;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  return {
    note: () => {
      called.add(turn);
    },
    /** How many turns they were. Ends the counting. */
    end: () => {
      isOver = true;
      return called.size;
    },
  };
}
