import type { AcceptedRequest } from "../../domain/accepted-request.ts";
import { byteLengthOf, type EncodedItem } from "../../domain/encoded-item.ts";
import type { ItemKind } from "../../domain/item-kind.ts";
import type { Signal } from "../../domain/signal.ts";
import { encodeItems } from "../../otlp/encode-items.ts";
import type { ItemPlan } from "../filter/item-plan.ts";
import { AnswerPage } from "./answer-page.ts";
import { ItemReading } from "./item-reading.ts";
import { ordinalOf, type ReadDependencies } from "./read-dependencies.ts";
import type { WatchDependencies } from "./tail.ts";
import { walk } from "./walk.ts";
import type { Watching } from "./watchers.ts";

/** The bounds of one batch. A call holds one batch for its reader. */
const maxBatchRequests = 512;
const maxBatchItems = 1_000;
const maxBatchBytes = 2 ** 18;
/** A longer request is given in parts, so that a batch fits into a message that a gRPC client takes by default. */
const maxRequestBytes = 3 * 2 ** 20;
/**
 * A request whose parts together would be more than this many times as long as it is given whole. Most of it is a
 * resource, a scope or a dictionary, which comes with every part: of 3.5 MB, 5,000 parts made 16 GB.
 */
const mostGrowth = 2;
/** Items of a part that are looked at in one turn of the event loop: of 300,000 it would take over 25 ms. */
const mostViewed = 10_000;

export interface RequestsQuery extends Watching {
  /** A cursor. Without one: everything that is held. */
  readonly after?: string | undefined;
}

export interface RequestsBatch {
  /** Encoded `Export*ServiceRequest`s. */
  readonly requests: readonly Uint8Array[];
  readonly items: number;
  readonly cursor: string;
  /** Items evicted since the batch before. */
  readonly missed: number;
  readonly unreadable: number;
}

/** What was found from an ordinal on, and where the search for more begins. */
interface Batch extends Omit<RequestsBatch, "cursor"> {
  readonly next: number;
  /** The length of the request of which the batch has a part, when its parts would be much longer than it. */
  readonly wholeBytes?: number | undefined;
}

/**
 * The requests that hold what is held now, in batches, the oldest first. A reader that is so slow that items are
 * evicted meanwhile misses them. Where answers use all memory that they may, the call waits.
 * @param plan when only some items are wanted: requests are made for those that match
 * @throws ObsvtyError invalid-argument that names `after`, too-many-watchers, or the reason of the abort
 */
export async function* readRequests(
  dependencies: WatchDependencies,
  signal: Signal,
  plan: ItemPlan<ItemKind> | undefined,
  { after, client, abort }: RequestsQuery,
): AsyncGenerator<RequestsBatch, void, undefined> {
  const { store, cursors, watchers, answers, turns } = dependencies;
  const { first, next: to } = store.range(signal);
  let from = after === undefined ? first : ordinalOf(dependencies, signal, "after", after);
  const leave = watchers.enter({ client, abort });
  const share = answers.open();
  // A call that is aborted while its reader does not read may never be resumed.
  const release = () => share.release();
  abort?.addEventListener("abort", release);
  try {
    for (let isFirst = true; isFirst || from < to; isFirst = false) {
      const read = async (maxBytes: number): Promise<Batch> => {
        await share.takeLater(maxBytes, abort);
        await turns.next();
        abort?.throwIfAborted();
        return plan === undefined
          ? readWhole(dependencies, signal, from, to, maxBytes)
          : readMatching(dependencies, plan, from, to, abort);
      };
      let found = await read(maxRequestBytes);
      if (found.wholeBytes !== undefined) {
        // Calls that held memory while they wait for more would wait for each other.
        share.resize(0);
        found = await read(found.wholeBytes);
      }
      const { next, wholeBytes, ...batch } = found;
      share.resize(batch.requests.reduce((sum, { byteLength }) => sum + byteLength, 0));
      from = next;
      yield { ...batch, cursor: cursors.encode({ [signal]: from }) };
      share.resize(0);
    }
  } finally {
    abort?.removeEventListener("abort", release);
    release();
    leave();
  }
}

function readWhole(
  { store, cleared }: ReadDependencies,
  signal: Signal,
  from: number,
  to: number,
  mostBytes: number,
): Batch {
  const { first } = store.range(signal);
  const start = Math.min(Math.max(from, first), to);
  const missed = from < start ? cleared[signal].countEvicted([{ from, to: start }], start) : 0;
  const bounds = { maxBytes: maxBatchBytes, maxRequests: maxBatchRequests, maxRequestBytes: mostBytes };
  const read = start < to ? store.readRequests(signal, start, bounds) : [];
  // A request arrives as a whole: none lies on both sides of `to`.
  const requests = read.filter(({ firstOrdinal }) => firstOrdinal < to);
  const items = requests.reduce((sum, request) => sum + request.items, 0);
  const [oldest] = requests;
  return {
    wholeBytes: oldest && growsTooMuch(store, signal, oldest) ? oldest.partOf?.byteLength : undefined,
    requests: requests.map(({ bytes }) => bytes),
    items,
    next: start + items,
    missed,
    unreadable: 0,
  };
}

/** Whether this is a part of a request whose parts would be much longer than it, for what its items share. */
function growsTooMuch(
  store: ReadDependencies["store"],
  signal: Signal,
  { firstOrdinal, items, bytes, partOf }: AcceptedRequest,
): boolean {
  if (partOf === undefined) return false;
  const parts = (partOf.end - firstOrdinal) / items;
  if (parts * bytes.byteLength <= mostGrowth * partOf.byteLength) return false;
  // A long item ahead of short ones makes a short part of them, too.
  let own = 0;
  const looked = Math.min(items, mostViewed);
  for (let i = 0; i < looked; i++) own += store.view(signal, firstOrdinal + i)?.item.byteLength ?? 0;
  return (own * items) / looked < bytes.byteLength / 2;
}

async function readMatching(
  dependencies: WatchDependencies,
  plan: ItemPlan<ItemKind>,
  from: number,
  to: number,
  abort: AbortSignal | undefined,
): Promise<Batch> {
  const { cleared } = dependencies;
  const page = new AnswerPage<EncodedItem>(
    { maxItems: maxBatchItems, maxBytes: maxBatchBytes, envelopeBytes: 0 },
    "oldest",
  );
  const reading = new ItemReading(dependencies, plan);
  let previous: EncodedItem | undefined;
  const request = { signal: plan.signal, filter: plan.filter, from, to, order: "oldest", abort } as const;
  const lost = await walk(dependencies, request, (encoded) => {
    const item = reading.decode(encoded);
    if (item === undefined || !reading.matches(item)) return true;
    const byteLength = previous === undefined ? encoded.item.byteLength : byteLengthAfter(previous, encoded);
    previous = encoded;
    return page.add(encoded.ordinal, { value: encoded, byteLength });
  });
  const next = page.edge ?? to;
  const { values } = page;
  return {
    requests: values.length === 0 ? [] : [encodeItems(values)],
    items: values.length,
    next,
    missed: cleared[plan.signal].countEvicted(lost, next),
    unreadable: reading.unreadable,
  };
}

/**
 * The bytes that an item adds to a request that ends with another item. What surrounds the first item of a request does
 * not count: it comes however few items there are, and each item of a batch of its own would bring it again.
 */
function byteLengthAfter(previous: EncodedItem, encoded: EncodedItem): number {
  // A store gives the same bytes for neighbours of one request, until it changes.
  const isSame = (["resource", "scope", "metric"] as const).every((each) => previous[each] === encoded[each]);
  return isSame ? encoded.item.byteLength : byteLengthOf(encoded);
}
