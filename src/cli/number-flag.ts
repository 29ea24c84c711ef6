import { notAllowed } from "./usage-error.ts";

/** What the server takes at most, of a limit and of a count to wait for. */
const maxItems = 10_000;

/** The whole number that a flag gives; undefined when it is not given. */
export function countFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > maxItems) {
    throw notAllowed(flag, text, `a whole number from 1 to ${maxItems}`);
  }
  return count;
}
