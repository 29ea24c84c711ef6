import type { Fault, FaultRule } from "../../domain/fault.ts";
import type { Signal } from "../../domain/signal.ts";

/** An ordered script of failures. Each export that a rule fits uses it up once. */
export class FaultScript {
  #rules: readonly FaultRule[] = [];

  /** The rules that are left, in order; `times` says how often each can still be used. */
  get rules(): readonly FaultRule[] {
    return this.#rules;
  }

  /** Replaces the rules that are left. */
  set(rules: readonly FaultRule[]): void {
    this.#rules = rules;
  }

  /** Uses the first rule for this signal once. Undefined when there is none: the export is served as usual. */
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
