import type { Output } from "./output.ts";

/** Lines on a terminal that others take the place of. */
export class LiveLines {
  readonly #output: Output;
  #shown = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  async show(lines: readonly string[]): Promise<void> {
    // Up to the first of the lines before; each is cleared to its end, and what was below them is cleared.
    const up = this.#shown === 0 ? "" : `\x1b[${this.#shown}A`;
    this.#shown = lines.length;
    await this.#output.lines(lines.map((line, i) => `${i === 0 ? `${up}\r` : ""}${line}\x1b[K`));
    await this.#output.control("\x1b[J");
  }
}
