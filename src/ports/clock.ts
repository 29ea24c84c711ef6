/** Time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}
