/** What a call of `read` does. */
export class Work {
  /** What costs more time than the JSON is long that it is for, in bytes of JSON that are read in the same time. */
  static extra: usize = 0;
  /** The values that are skipped may be skipped up to here in this call. */
  static until: usize = 0;
}

/** What a call of the host costs, in bytes of JSON that are read in the same time. */
export const COST_OF_CALL: usize = 64;
