/**
 * A map that forgets its oldest entries in bulk: it has at least half as many entries as it may hold. To delete the
 * first entry of a Map one by one takes long, because V8 walks over those that were deleted before.
 */
export class RecentMap<Value> {
  readonly #half: number;
  readonly #onForget: (value: Value) => void;
  #recent = new Map<string, Value>();
  #older = new Map<string, Value>();

  constructor(maxEntries: number, onForget: (value: Value) => void = () => {}) {
    this.#half = Math.max(1, Math.floor(maxEntries / 2));
    this.#onForget = onForget;
  }

  get(key: string): Value | undefined {
    return this.#recent.get(key) ?? this.#older.get(key);
  }

  set(key: string, value: Value): void {
    this.#older.delete(key);
    this.#recent.set(key, value);
    if (this.#recent.size >= this.#half) this.#forgetOlder();
  }

  delete(key: string): void {
    if (!this.#recent.delete(key)) this.#older.delete(key);
  }

  clear(): void {
    this.#forgetOlder();
    this.#forgetOlder();
  }

  #forgetOlder(): void {
    for (const value of this.#older.values()) this.#onForget(value);
    this.#older = this.#recent;
    this.#recent = new Map();
  }
}
