import type { Signal } from "../../domain/signal.ts";
import type { AcceptedRequest, Delivery, TelemetrySink } from "../../ports/telemetry-sink.ts";
import type { Gate } from "./gate.ts";
import type { LaneFigures } from "./lane-figures.ts";
import type { Timers } from "./timers.ts";

/** What became of a batch. */
export interface BatchOutcome {
  /** Items that the sink has taken. */
  readonly delivered: number;
  /** Items that it will not take: all of a request, or some. */
  readonly refused: number;
  /** Why, when whole requests were refused. */
  readonly code?: string;
  /** No request of the signal would be taken. */
  readonly takesNone?: boolean;
  /** Parts of it might be taken. */
  readonly isTooLarge?: boolean;
  /** A short part was refused for its size: the other parts of the request would be, too. */
  readonly takesNoPart?: boolean;
  /** The sink has settled its only try, so that nobody reads the requests any more. */
  readonly isUnread?: boolean;
}

export interface Delivering {
  readonly signal: Signal;
  readonly sink: TelemetrySink;
  readonly gate: Gate;
  readonly figures: LaneFigures;
  readonly timers: Timers;
  readonly deliveryMs: number;
  /**
   * These items out of one request, from an ordinal on; undefined when they are not held any more. Without it requests
   * are never split.
   */
  readonly readPart?: (from: number, items: number) => AcceptedRequest | undefined;
  /** It is called after each try that did not deliver. */
  readonly onFailure: (code: string) => void;
}

/** What a single item is refused with when the sink can take nothing so large. */
export const tooLargeCode = "too large";
/** A sink that rejects its promise has a fault, which says nothing about the destination. */
const faultCode = "internal";

/** Shorter requests are not split: something that refuses these would refuse everything. */
const leastSplitBytes = 1_024;
/**
 * A request is not split either when its halves together are more than this many times as long as it. Most of it is a
 * resource, a scope or a dictionary, which comes with every part: parts would be sent for each item and be no shorter.
 */
const mostGrowth = 1.5;

/**
 * Hands on a batch, and tries until it has an outcome. A merged batch that is refused for good is sent again request
 * by request, so that one bad request costs itself alone; a request that is refused for its size, in halves.
 * @returns undefined when the abort came first
 */
export async function deliverBatch(
  delivering: Delivering,
  requests: readonly AcceptedRequest[],
  abort: AbortSignal,
): Promise<BatchOutcome | undefined> {
  const outcome = await deliverTogether(delivering, requests, abort);
  if (outcome === undefined) return undefined;
  const parts = partsOf(delivering, requests, outcome);
  if (parts === undefined) {
    count(delivering, outcome);
    return outcome;
  }
  // One of the halves may have been evicted meanwhile.
  let sum: BatchOutcome = { delivered: 0, refused: itemsIn(requests) - itemsIn(parts) };
  count(delivering, sum);
  const isSplit = requests.length === 1;
  for (const part of parts) {
    const single =
      isSplit && sum.takesNoPart === true
        ? refuseUnsent(delivering, part, outcome)
        : await deliverBatch(delivering, [part], abort);
    if (single === undefined) return undefined;
    sum = add(sum, single);
  }
  const { delivered, refused, takesNoPart = false } = sum;
  // The rest of a request that was taken in part is rejected, like the items that a destination names.
  return isSplit && delivered > 0 ? { delivered, refused, takesNoPart } : sum;
}

function refuseUnsent(
  delivering: Delivering,
  { items }: AcceptedRequest,
  { code = tooLargeCode }: BatchOutcome,
): BatchOutcome {
  const outcome = { delivered: 0, refused: items, code };
  count(delivering, outcome);
  return outcome;
}

/** What is sent in place of a batch that was refused; undefined when nothing is. */
function partsOf(
  { readPart }: Delivering,
  requests: readonly AcceptedRequest[],
  { code, takesNone, isTooLarge }: BatchOutcome,
): readonly AcceptedRequest[] | undefined {
  if (code === undefined || takesNone === true) return undefined;
  const [request] = requests;
  if (requests.length > 1 || request === undefined) return requests;
  const { firstOrdinal, items, bytes } = request;
  if (readPart === undefined || isTooLarge !== true || items === 1 || bytes.byteLength < leastSplitBytes)
    return undefined;
  const half = Math.ceil(items / 2);
  const halves = [readPart(firstOrdinal, half), readPart(firstOrdinal + half, items - half)].filter(
    (part) => part !== undefined,
  );
  const bothBytes = halves.reduce((sum, part) => sum + part.bytes.byteLength, 0);
  return bothBytes > bytes.byteLength * mostGrowth ? undefined : halves;
}

function itemsIn(requests: readonly AcceptedRequest[]): number {
  return requests.reduce((sum, { items }) => sum + items, 0);
}

function count({ figures }: Delivering, { delivered, refused, code }: BatchOutcome): void {
  figures.delivered += delivered;
  figures.refused += refused;
  if (delivered > 0) figures.isRefusing = false;
  else if (code !== undefined) figures.isRefusing = true;
}

function add(a: BatchOutcome, b: BatchOutcome): BatchOutcome {
  const code = a.code ?? b.code;
  return {
    delivered: a.delivered + b.delivered,
    refused: a.refused + b.refused,
    takesNoPart: a.takesNoPart === true || b.takesNoPart === true,
    ...(code !== undefined && { code }),
  };
}

async function deliverTogether(
  delivering: Delivering,
  requests: readonly AcceptedRequest[],
  abort: AbortSignal,
): Promise<BatchOutcome | undefined> {
  const { gate, figures, sink, onFailure } = delivering;
  const items = itemsIn(requests);
  const byteLength = requests.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  if (byteLength > sink.maxBytes) {
    onFailure(tooLargeCode);
    // Nothing was sent, so that the next part of the same request may be refused in the same turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    return { delivered: 0, refused: items, code: tooLargeCode };
  }
  for (let isFirst = true; ; isFirst = false) {
    const attempt = await gate.pass(abort);
    if (attempt === undefined) return undefined;
    const delivery = await tryOnce(delivering, requests, abort);
    if (delivery === undefined) return undefined;
    if (delivery.kind === "later") {
      figures.retried += 1;
      attempt.failed(delivery.retryAfterMs);
      onFailure(delivery.code);
      continue;
    }
    // The destination answers, whatever it says.
    attempt.succeeded();
    switch (delivery.kind) {
      case "delivered":
        return { delivered: items, refused: 0, isUnread: isFirst };
      case "partly-delivered": {
        const rejected = Math.min(Math.max(0, delivery.rejected), items);
        return { delivered: items - rejected, refused: rejected };
      }
      case "refused":
        onFailure(delivery.code);
        return {
          delivered: 0,
          refused: items,
          code: delivery.code,
          takesNone: delivery.takesNone === true,
          isTooLarge: delivery.isTooLarge === true,
          takesNoPart: delivery.isTooLarge === true && byteLength < leastSplitBytes,
        };
    }
  }
}

/** One try. Undefined when handing on has to end; a try that takes too long is `later`. */
async function tryOnce(
  { sink, signal, timers, deliveryMs }: Delivering,
  requests: readonly AcceptedRequest[],
  abort: AbortSignal,
): Promise<Delivery | undefined> {
  const ofTry = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Delivery | undefined>();
  const end = () => {
    resolve(undefined);
    ofTry.abort();
  };
  const callOff = timers.after(deliveryMs, () => {
    resolve({ kind: "later", code: "timeout" });
    ofTry.abort();
  });
  abort.addEventListener("abort", end, { once: true });
  try {
    const deliver = async () => sink.deliver(signal, requests, ofTry.signal);
    deliver().then(resolve, () => resolve({ kind: "later", code: faultCode }));
    return await promise;
  } finally {
    callOff();
    abort.removeEventListener("abort", end);
  }
}
