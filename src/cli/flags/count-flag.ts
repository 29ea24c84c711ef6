import { maxCount } from "./defaults.ts";
import { notAllowed } from "./usage-error.ts";

/**
 * The whole number that a flag gives; undefined when the flag is not given. It is checked here: the API reads
 * zero as "not set", and what does not fit into a request would not reach the server as it was typed.
 */
export function countFlag(
  flag: string,
  text: string | undefined,
  max: number = maxCount,
): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > max) {
    throw notAllowed(flag, text, `a whole number from 1 to ${max}`);
  }
  return count;
}
