/** Time, as handing on needs it. Tests bring their own. */
export interface Timers {
  /** The time in milliseconds, on the clock of `performance.now()`. */
  now(): number;
  /** Calls once, when this many milliseconds have passed. Returns a function that cancels the call. */
  after(ms: number, call: () => void): () => void;
  /** Calls again and again, without keeping the process alive. Returns a function that ends the calls. */
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
