/** How much of a limit is used now, and how much may be, in the limit's unit: bytes, items or connections. */
export interface LimitUse {
  readonly used: number;
  readonly most: number;
}

/** What a server may run out of, by the settings that bound it. Each part of the server adds what it bounds. */
export class Limits {
  readonly #limits = new Map<string, { readonly most: number; readonly used: () => number }>();

  /** @param setting the key of the setting, such as MAX_QUERY_BYTES */
  add(setting: string, most: number, used: () => number): void {
    this.#limits.set(setting, { most, used });
  }

  uses(): ReadonlyMap<string, LimitUse> {
    return new Map([...this.#limits].map(([setting, { most, used }]) => [setting, { used: used(), most }]));
  }
}
