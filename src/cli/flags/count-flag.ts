import { notAllowed } from "./usage-error.ts";

const maxUint32 = 2 ** 32 - 1;

/**
 * The whole number that a flag gives; undefined when the flag is not given. How large it may be is for the
 * server to say. Zero is refused here: the API reads it as "not set".
 */
export function countFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1) {
    throw notAllowed(flag, text, "a whole number from 1 on");
  }
  // A larger number does not fit into the request; this one is over every limit too.
  return Math.min(count, maxUint32);
}
