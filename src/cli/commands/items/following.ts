import { type ItemKind, itemKinds, itemSignals } from "../../../domain/item-kind.ts";
import { signalTraits } from "../../../domain/signal.ts";
import type { ItemFilter } from "../../flags/filter-request.ts";
import { boundedTree } from "../../output/bounded-tree.ts";
import { type ItemLists, itemLines } from "../../output/items.ts";
import { countedItems } from "../../output/summary-line.ts";
import type { CommandContext } from "../command-context.ts";
import { sayUnreadable } from "../left-out.ts";
import { printTagged } from "../run/run-json.ts";
import { realTimers, TraceCollector } from "../run/trace-collector.ts";
import { loadTrace } from "./trace.ts";

/** Prints items as they arrive: text has traces as trees and log records as lines, JSON has every item. */
export class Following {
  /** Calls of the server that are under way as long as this goes on. */
  static readonly calls = itemKinds.length;
  readonly #context: CommandContext;
  readonly #ended = new AbortController();
  readonly #collector: TraceCollector;
  readonly #streams: Promise<void>;
  /** Items of each kind that were shown, missed or not readable. */
  readonly #passed: Record<ItemKind, number> = { spans: 0, logs: 0, metrics: 0 };
  #hasFailed = false;

  /** @param after a cursor: what arrives after it is printed */
  constructor(after: string, context: CommandContext) {
    this.#context = { ...context, abort: AbortSignal.any([context.abort, this.#ended.signal]) };
    this.#collector = new TraceCollector({
      timers: realTimers,
      isFiltered: false,
      load: (traceId) => loadTrace(traceId, context).catch(() => undefined),
      show: (spans) => context.output.lines([...boundedTree(spans, context.output.view), ""]),
    });
    this.#streams = Promise.all(itemKinds.map((kind) => this.#follow(kind, after))).then(() => {});
    // It is told by `end`.
    this.#streams.catch(() => {
      this.#hasFailed = true;
    });
  }

  /** Whether all items that were accepted of each kind have been printed, or no more will be. */
  hasPassed(accepted: (kind: ItemKind) => number): boolean {
    return this.#hasFailed || itemKinds.every((kind) => this.#passed[kind] >= accepted(kind));
  }

  /** Prints what waits for the rest of its trace, and ends. Rejects when printing has failed. */
  async end(): Promise<void> {
    if (this.#hasFailed) await this.#streams;
    this.#ended.abort();
    await this.#streams.catch(() => {});
    await this.#collector.flush();
  }

  async #follow(kind: ItemKind, after: string): Promise<void> {
    const { client, output, abort } = this.#context;
    const filter = { case: kind, value: {} } as ItemFilter;
    for await (const answer of client.tail({ filter, after }, { signal: abort })) {
      const { missed, unreadable } = answer;
      if (missed > 0n) {
        output.say(
          `${countedItems(missed, itemSignals[kind])} evicted before they could be shown and missed`,
        );
      }
      sayUnreadable(unreadable, signalTraits[itemSignals[kind]].itemNoun.one, output);
      await this.#print(answer);
      this.#passed[kind] += answer[kind].length + Number(missed + unreadable);
    }
  }

  async #print(items: Required<ItemLists>): Promise<void> {
    const { output } = this.#context;
    if (!output.isText) return printTagged(items, this.#context);
    await this.#collector.add(items.spans);
    await output.lines(itemLines({ logs: items.logs }, output.view));
  }
}
