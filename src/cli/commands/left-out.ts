import type { Output } from "../output/output.ts";
import { counted } from "../output/summary-line.ts";

/** Says, in both formats, that the server could not read some items: no item in the output tells it. */
export function sayUnreadable(unreadable: bigint, noun: string, output: Output): void {
  if (unreadable > 0n) {
    output.say(
      `left out ${counted(unreadable, noun)} that could not be decoded, or not checked against --where`,
    );
  }
}
