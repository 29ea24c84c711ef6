import { signals } from "../../domain/signal.ts";

/** The bounds of handing on to one sink. */
export interface HandOnLimits {
  /** Bytes and requests that are merged into one delivery. */
  readonly batchBytes: number;
  readonly batchRequests: number;
  /** Bytes of one signal that are copied out of the store at a time. One longer request is taken alone. */
  readonly inFlightBytes: number;
  /** Deliveries of one signal at a time: of merged requests, and of requests that are not merged. */
  readonly mergedDeliveries: number;
  readonly singleDeliveries: number;
  /** How long arrivals are waited for to be merged with. */
  readonly lingerMs: number;
  /** How long one try of a delivery may take. */
  readonly deliveryMs: number;
  /** The times between tries, when the sink names none: they are doubled each time, from the first to the longest. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** The longest for a sink whose callers wait. */
  readonly longestConfirmedRetryMs: number;
}

const mib = 2 ** 20;

/** Bytes that are copied out of the store for one sink, shared by its signals. */
const copiedBytes = 16 * mib;

export const handOnLimits: HandOnLimits = {
  batchBytes: mib,
  batchRequests: 512,
  inFlightBytes: Math.floor(copiedBytes / signals.length),
  mergedDeliveries: 8,
  singleDeliveries: 64,
  lingerMs: 10,
  deliveryMs: 10_000,
  firstRetryMs: 100,
  longestRetryMs: 30_000,
  longestConfirmedRetryMs: 1_000,
};

/** A hint to come back later than this is cut down to it: it would stop the sink for good. */
export const longestHintMs = 3_600_000;

/** How long one try of a delivery may take when the command line sends files. */
export const replayDeliveryMs = 30_000;
