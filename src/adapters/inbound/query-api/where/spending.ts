import {
  type CelFunc,
  CelScalar,
  type CelValue,
  celFunc,
  celMethod,
  isCelList,
  isCelMap,
} from "@bufbuild/cel";
import { RE2JS } from "@bufbuild/re2";

/** A text to look for, and a pattern, are not longer: the time to find them grows with it. */
export const maxNeedleLength = 256;
/** Numbers, times and durations in text are not longer. */
const maxNumberLength = 64;
const charactersPerUnit = 64;
/** To read a number, a time or a duration. */
const unitsOfConversion = 20;

/**
 * What the evaluation of an expression may still cost. The library has no bound of its own, so that the checked
 * expression has calls of these functions where the time depends on the item: see `check-expression.ts`. A unit is one
 * node of the expression evaluated once, some tens to a hundred nanoseconds.
 */
export class Spending {
  #left = 0;

  /** Begins the evaluation for one item. */
  begin(units: number): void {
    this.#left = units;
  }

  get isOver(): boolean {
    return this.#left < 0;
  }

  readonly functions: CelFunc[] = [
    // Each round of a loop begins with it. False ends the loop.
    celFunc("@round", [CelScalar.INT], CelScalar.BOOL, (units) => {
      this.#left -= Number(units);
      return this.#left >= 0;
    }),
    // Around what a loop goes over.
    celFunc("@loop", [CelScalar.DYN], CelScalar.DYN, (value) => {
      this.#spend(isCelList(value) || isCelMap(value) ? value.size : 1);
      return value as never;
    }),
    // Around a value all of which is looked at.
    celFunc("@whole", [CelScalar.DYN], CelScalar.DYN, (value) => {
      this.#spendWhole(value);
      return value as never;
    }),
    // Around a text that a pattern is looked for in.
    celFunc("@pattern", [CelScalar.DYN], CelScalar.DYN, (value) => {
      if (typeof value === "string") this.#spend(Math.ceil(value.length / 2));
      return value as never;
    }),
    celFunc("@needle", [CelScalar.DYN], CelScalar.DYN, (value) => shortText(value, maxNeedleLength)),
    celFunc("@number", [CelScalar.DYN], CelScalar.DYN, (value) => {
      if (typeof value === "string") this.#spend(unitsOfConversion);
      return shortText(value, maxNumberLength);
    }),
    // The library's own make an array of the characters.
    celFunc("size", [CelScalar.STRING], CelScalar.INT, (text) => this.#sizeOf(text)),
    this.#sizeMethod(),
  ];

  #sizeMethod(): CelFunc {
    const sizeOf = (text: string) => this.#sizeOf(text);
    return celMethod("size", CelScalar.STRING, [], CelScalar.INT, function () {
      return sizeOf(this);
    });
  }

  #sizeOf(text: string): bigint {
    let size = 0;
    for (const _ of text) size += 1;
    this.#spend(Math.ceil(size / 4));
    return BigInt(size);
  }

  #spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new Error("the expression takes too long for this item");
  }

  #spendWhole(value: CelValue): void {
    if (typeof value === "string") this.#spend(1 + Math.ceil(value.length / charactersPerUnit));
    else if (isCelList(value)) for (const element of value) this.#spendWhole(element);
    else if (isCelMap(value)) for (const [, member] of value) this.#spendWhole(member);
    this.#spend(1);
  }
}

function shortText(value: CelValue, maxLength: number) {
  if (typeof value === "string" && value.length > maxLength) throw new Error("the text is too long");
  return value as never;
}

/** The library would compile a pattern anew for each item. */
export class Patterns {
  readonly #compiled = new Map<string, { test(text: string): boolean }>();

  /** @throws Error when it is no pattern */
  compile(pattern: string): { test(text: string): boolean } {
    const known = this.#compiled.get(pattern);
    if (known !== undefined) return known;
    const compiled = RE2JS.compile(pattern);
    this.#compiled.set(pattern, compiled);
    return compiled;
  }
}
