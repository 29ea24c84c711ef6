import type { Fault, FaultRule } from "../../domain/fault.ts";
import type { Signal } from "../../domain/signal.ts";

/** An ordered script of failures, used up by the exports that it is done to. */
export class FaultScript {
  #rules: readonly FaultRule[] = [];

  /** What is left, in order; `times` are those to come. */
  get rules(): readonly FaultRule[] {
    return this.#rules;
  }

  /** Replaces what is left. */
  set(rules: readonly FaultRule[]): void {
    this.#rules = rules;
  }

  /** Uses up one time of the first rule for this signal. Undefined when there is none: serve as ever. */
  take(signal: Signal): Fault | undefined {
    const index = this.#rules.findIndex((rule) => (rule.signal ?? signal) === signal);
    const rule = this.#rules[index];
    if (rule === undefined) {
      return undefined;
    }
    const left = rule.times === 1 ? [] : [{ ...rule, times: rule.times - 1 }];
    this.#rules = this.#rules.toSpliced(index, 1, ...left);
    return rule.fault;
  }
}
