import { readFileSync } from "node:fs";

/** A type that spans lines: tsx removes them, Node replaces them by blanks. */
export interface Shape {
  readonly kind: "circle" | "square";
  readonly size: number;
}

/** The test calls it with a circle alone, so lines 14 and 15 are not covered. */
export function nameOf({ kind, size }: Shape): string {
  if (kind === "circle") {
    return `circle of ${size}`;
  }
  const text = `square of ${size}`;
  return text.toUpperCase();
}

/** Nothing calls it: lines 20 to 22 are not covered. */
export function lengthOf(path: string): number {
  const text = readFileSync(path, "utf8");
  return text.length;
}

/** Only the process that the test starts calls it, with true: lines 27 and 28 are not covered. */
export function inProcess(flag: boolean): number {
  if (!flag) {
    return 0;
  }
  const one = 1;
  return one + 1;
}
