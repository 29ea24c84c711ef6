import { ObsvtyError } from "../../domain/errors.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import { withinLimits } from "../../domain/read-limits.ts";
import { signalTraits } from "../../domain/signal.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { AnswerPage, type Show } from "./answer-page.ts";
import { forEachInSteps } from "./in-steps.ts";
import { ItemReading } from "./item-reading.ts";
import { nearestMiss } from "./nearest-miss.ts";
import type { AnswerQuery, Page } from "./page-query.ts";
import { ordinalOf } from "./read-dependencies.ts";
import { untilBeyond, type WatchDependencies } from "./tail.ts";
import { walkOrdinals } from "./walk.ts";
import type { Watching } from "./watchers.ts";

/** Without `after` all that is held counts. */
export interface WaitQuery<Filter> extends AnswerQuery, Pick<Watching, "client"> {
  /** @default matches everything */
  readonly filter?: Filter;
  /** @default `readLimits.minCount` */
  readonly minCount?: number;
  /** 0 looks only at what is held. @default `readLimits.timeoutMs` */
  readonly timeoutMs?: number;
}

/** The first items that matched and fit; `missed` and `unreadable` count since the wait began. */
export interface WaitResult<Value> extends Omit<Page<Value>, "previous"> {
  /** How many matched. There are fewer `items` when they did not fit, or were evicted meanwhile. */
  readonly matched: number;
}

/** The time was over before enough items matched. */
export class WaitInVain extends ObsvtyError {
  /** Of all items that arrived before this cursor, the newest is the nearest miss. Undefined when there is none. */
  readonly behindNearest: string | undefined;

  constructor(message: string, messageInJson: string, behindNearest: string | undefined) {
    super("deadline-passed", message, { messageInJson });
    this.behindNearest = behindNearest;
  }
}

/**
 * The first `minCount` items that match, as soon as there are that many.
 * @throws WaitInVain, saying how many matched and on which conditions of the filter the nearest
 *   miss failed; ObsvtyError invalid-argument that names an argument; too-many-watchers; or the reason of the abort
 */
export async function waitFor<Kind extends ItemKind, Value>(
  dependencies: WatchDependencies,
  plan: ItemPlan<Kind>,
  { after, client, abort, share, envelopeBytes = 0, ...query }: WaitQuery<unknown>,
  show: Show<ItemOf<Kind>, Value>,
): Promise<WaitResult<Value>> {
  const minCount = withinLimits("minCount", query.minCount);
  const timeoutMs = withinLimits("timeoutMs", query.timeoutMs);
  const maxBytes = withinLimits("maxBytes", query.maxBytes);
  const { store, cursors, cleared, watchers, recent } = dependencies;
  const { signal, filter } = plan;
  const from =
    after === undefined ? store.range(signal).first : ordinalOf(dependencies, signal, "after", after);
  const leave = watchers.enter({ client, abort });
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const either = AbortSignal.any([timeout.signal, ...(abort === undefined ? [] : [abort])]);
  const shared = recent.share({ signal, from: store.range(signal).next });
  const reading = new ItemReading(dependencies, plan, shared);
  try {
    // It holds ordinals and no items, so that a long wait takes little memory.
    const matched: number[] = [];
    let missed = 0;
    for (let ordinal = from; ; ) {
      const to = store.range(signal).next;
      const lost = await walkOrdinals(
        dependencies,
        { signal, filter, from: ordinal, to, order: "oldest", abort },
        (ordinal) => {
          const item = reading.read(ordinal);
          if (item !== undefined && reading.matches(item)) matched.push(ordinal);
          return matched.length < minCount;
        },
      );
      const isEnough = matched.length >= minCount;
      ordinal = isEnough ? (matched.at(-1) ?? from) + 1 : to;
      missed += cleared[signal].countEvicted(lost, ordinal);
      if (isEnough) {
        const page = new AnswerPage<Value>({ maxItems: minCount, maxBytes, envelopeBytes, share }, "oldest");
        await forEachInSteps(dependencies, matched, abort, (ordinal) => {
          const shown = reading.shown(ordinal, show);
          return shown === undefined || page.add(ordinal, shown);
        });
        return {
          items: page.values,
          matched: matched.length,
          missed,
          unreadable: reading.unreadable,
          cursor: cursors.encode({ [signal]: page.edge ?? ordinal }),
        };
      }
      // The time is checked only between two looks: items that are held when the time is over count.
      if (timeout.signal.aborted || timeoutMs === 0) {
        const miss = await nearestMiss(dependencies, plan, { from, matched: matched.length }, abort);
        const { many } = signalTraits[signal].itemNoun;
        const counts = `${matched.length} of ${minCount} ${many} matched within ${timeoutMs} ms`;
        const messageInJson = `${counts}; ${miss.messageInJson}`;
        const { ordinal: nearest } = miss;
        const behindNearest = nearest === undefined ? undefined : cursors.encode({ [signal]: nearest + 1 });
        throw new WaitInVain(`${counts}; ${miss.message}`, messageInJson, behindNearest);
      }
      await untilBeyond(dependencies, signal, ordinal, either);
      abort?.throwIfAborted();
    }
  } finally {
    clearTimeout(timer);
    leave();
  }
}
