/** What became of the items of one signal on their way to one sink, since the start. */
export class LaneFigures {
  /** Items that the sink has. */
  delivered = 0;
  /** Tries that were made again. */
  retried = 0;
  /** Items that were evicted or cleared before they were handed on. */
  missed = 0;
  /** Items that the sink will not take, requests as a whole and items one by one. */
  refused = 0;
  /** Whether the last requests were refused for good, as a whole. */
  isRefusing = false;
  lastFailure: LastFailure | undefined;
}

export interface LastFailure {
  /** See `Delivery`. */
  readonly code: string;
  /** The time in milliseconds since 1970. */
  readonly unixMs: number;
}
