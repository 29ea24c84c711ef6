/** Time, as handing on needs it. Tests bring their own. */
export interface Timers {
  /** The time in milliseconds, on the clock of `performance.now()`. */
  now(): number;
  /** Calls once, after so many milliseconds. Returns how to call it off. */
  after(ms: number, call: () => void): () => void;
  /** Calls again and again, without keeping the process alive. Returns how to end it. */
  every(ms: number, call: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
  every(ms, call) {
    const timer = setInterval(call, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};
