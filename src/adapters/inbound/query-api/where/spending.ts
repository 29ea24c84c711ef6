import {
  type CelFunc,
  CelScalar,
  type CelValue,
  celFunc,
  celMethod,
  isCelList,
  isCelMap,
} from "@bufbuild/cel";
import { maxTextLength } from "./item-values.ts";

/** A text to look for, and a pattern, are not longer: the time to find them grows with it. */
export const maxNeedleLength = 256;
/** Numbers, times and durations in text are not longer. */
const maxNumberLength = 64;
/** The texts of doubles. */
const decimal = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity|NaN)$/;
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
  #hasSeenPart = false;

  /** Begins the evaluation for one item. */
  begin(units: number): void {
    this.#left = units;
    this.#hasSeenPart = false;
  }

  get isOver(): boolean {
    return this.#left < 0;
  }

  /** Whether something was looked for in a text of which only the beginning is seen. */
  get hasSeenPart(): boolean {
    return this.#hasSeenPart;
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
      if (typeof value === "string") this.#look(value);
      this.#spendWhole(value);
      return value as never;
    }),
    // Around a text that a pattern is looked for in.
    celFunc("@pattern", [CelScalar.DYN], CelScalar.DYN, (value) => {
      if (typeof value === "string") {
        this.#look(value);
        this.#spend(Math.ceil(value.length / 2));
      }
      return value as never;
    }),
    celFunc("@needle", [CelScalar.DYN], CelScalar.DYN, (value) => {
      if (typeof value === "string" && value.length > maxNeedleLength) this.#spend(this.#left + 1);
      return value as never;
    }),
    celFunc("@number", [CelScalar.DYN], CelScalar.DYN, (value) => {
      if (typeof value === "string") {
        this.#spend(unitsOfConversion);
        if (value.length > maxNumberLength) throw new Error("the text is too long");
      }
      return value as never;
    }),
    // The library's double() makes NaN of what is no number, which is then not less and not equal: no error.
    celFunc("@decimal", [CelScalar.DYN], CelScalar.DYN, (value) => {
      if (typeof value === "string" && !decimal.test(value)) throw new Error("the text is no number");
      return value as never;
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

  #look(text: string): void {
    if (text.length === maxTextLength) this.#hasSeenPart = true;
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
