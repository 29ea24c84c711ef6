/** Growing a Set with more takes ten milliseconds and more, at a million about fifty, in which nothing else is done. */
const maxPart = 200_000;

/** A set to which texts are only added, of which there may be millions. */
export class LargeSet {
  readonly #parts: Set<string>[] = [new Set()];

  has(text: string): boolean {
    // What was added last is what is most often looked for.
    for (let i = this.#parts.length - 1; i >= 0; i--) {
      if (this.#parts[i]?.has(text) === true) return true;
    }
    return false;
  }

  /** @param text which is not in the set */
  add(text: string): void {
    const last = this.#parts.at(-1);
    if (last !== undefined && last.size < maxPart) last.add(text);
    else this.#parts.push(new Set([text]));
  }
}
