import { withinLimits } from "../../domain/read-limits.ts";
import type { Signal } from "../../domain/signal.ts";
import type { AnswerShare } from "./answer-memory.ts";
import type { AnswerPage, PageBounds, PageOrder } from "./answer-page.ts";
import type { LostRange } from "./cleared-ranges.ts";
import { ordinalOf, type ReadDependencies } from "./read-dependencies.ts";

/** What every way of reading one answer takes. */
export interface AnswerQuery {
  /** A cursor: only items that arrived after it. */
  readonly after?: string | undefined;
  /** Bytes of the answer. @default `readLimits.maxBytes` */
  readonly maxBytes?: number;
  /** Bytes of the answer without its items. @default 0 */
  readonly envelopeBytes?: number;
  /** Where the memory for the answer is taken from. The caller releases it. */
  readonly share: AnswerShare;
  /** Stops the reading with its reason. */
  readonly abort?: AbortSignal | undefined;
}

/** Without `after`: the newest items that fit. With it: the oldest after it that fit, or the newest. */
export interface PageQuery extends AnswerQuery {
  /** @default `readLimits.limit` */
  readonly limit?: number;
  /** A cursor: only items that arrived before it. */
  readonly before?: string | undefined;
  /** Of the items after `after` the newest that fit, in place of the oldest. @default false */
  readonly newest?: boolean;
}

/** A page of an answer. */
export interface Page<Value> {
  /** The newest last: in order of arrival. */
  readonly items: readonly Value[];
  /** A cursor: after it are the items that follow this page. */
  readonly cursor: string;
  /** A cursor: before it are the items that precede this page. "" when none are held. */
  readonly previous: string;
  /** How many items after `after`, matching or not, were evicted before they could be read. */
  readonly missed: number;
  /** How many items may match and cannot be decoded. */
  readonly unreadable: number;
}

/** The ordinals [`from`, `to`) that are looked at, and from which end. */
export interface OrdinalWindow {
  readonly from: number;
  readonly to: number;
  readonly order: PageOrder;
}

/** Those that a page is taken from. */
export interface PageWindow extends OrdinalWindow {
  readonly signal: Signal;
  /** Whether it goes on after a cursor: what was evicted since then has been missed. */
  readonly isContinued: boolean;
}

/** @throws ObsvtyError invalid-argument that names `after` or `before` */
export function windowOf<S extends Signal>(
  dependencies: ReadDependencies,
  signal: S,
  { after, before, newest = false }: Pick<PageQuery, "after" | "before" | "newest">,
): PageWindow & { readonly signal: S } {
  const { first, next } = dependencies.store.range(signal);
  return {
    signal,
    from: after === undefined ? first : ordinalOf(dependencies, signal, "after", after),
    to: before === undefined ? next : ordinalOf(dependencies, signal, "before", before),
    order: after === undefined || newest ? "newest" : "oldest",
    isContinued: after !== undefined,
  };
}

/** @throws ObsvtyError invalid-argument that names `limit` or `max_bytes` */
export function boundsOf({ limit, maxBytes, envelopeBytes = 0, share }: PageQuery): PageBounds {
  return {
    maxItems: withinLimits("limit", limit),
    maxBytes: withinLimits("maxBytes", maxBytes),
    envelopeBytes,
    share,
  };
}

/** The result of reading a window. */
export interface PageEnd {
  /** See `AnswerPage.edge`. */
  readonly edge: number | undefined;
  readonly lost: readonly LostRange[];
  readonly unreadable: number;
}

/** A page with the cursors that lead to its neighbours. */
export function pageOf<Value>(
  { store, cursors, cleared }: ReadDependencies,
  { signal, from, to, order, isContinued }: PageWindow,
  { values }: Pick<AnswerPage<Value>, "values">,
  { edge, lost, unreadable }: PageEnd,
): Page<Value> {
  const isForward = order === "oldest";
  const next = isForward ? (edge ?? to) : to;
  const start = isForward ? from : (edge ?? from);
  const { first } = store.range(signal);
  // The newest first, a page that is full has not come to those that are gone.
  const gone = isForward || edge === undefined ? lost : [{ from, to: Math.min(first, edge) }];
  return {
    items: values,
    cursor: cursors.encode({ [signal]: next }),
    previous: start > first ? cursors.encode({ [signal]: start }) : "",
    missed: isContinued ? cleared[signal].countEvicted(gone, next) : 0,
    unreadable,
  };
}
