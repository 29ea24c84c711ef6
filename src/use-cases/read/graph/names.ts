import { shortName } from "../short-name.ts";

/** No more names are told apart. */
const maxNames = 20_000;

/** Names by numbers from 1 on. Of too many, all others are one without a name. */
export class Names {
  readonly #indices = new Map<string, number>();
  readonly #names: string[] = [""];

  indexOf(name: string): number {
    const short = shortName(name);
    const known = this.#indices.get(short);
    if (known !== undefined) return known;
    if (this.#names.length > maxNames) return 0;
    this.#names.push(short);
    this.#indices.set(short, this.#names.length - 1);
    return this.#names.length - 1;
  }

  of(index: number): string {
    return this.#names[index] ?? "";
  }
}
