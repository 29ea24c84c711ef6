import { setTimeout } from "node:timers/promises";
import type { FaultRule } from "../../../src/testing/faults.ts";
import type { Receiver } from "../../../src/testing/receiver.ts";
import { startReceiver } from "../../../src/testing/start-receiver.ts";
import type { RunningShop } from "./running-shop.ts";

/*
 * What a shop's SDK does when its backend fails in one way. An order is placed of which spans and log records fail,
 * then others until one of these arrives: batches are sent one after the other, so that the SDK is done with the
 * first by then.
 */

/** A shop that sends to a receiver, which a situation may replace. */
export interface Pair {
  readonly shop: RunningShop;
  receiver: Receiver;
}

export interface Situation {
  readonly key: string;
  /** In the head of the table. */
  readonly title: string;
  readonly measure: (pair: Pair) => Promise<string>;
}

/** Longer than any SDK waits by itself before it tries again first, and less than the 10 s that exports may take. */
const hintMs = 8_000;

/** Longer than an SDK goes on that tries again at short intervals, and shorter than any other waits twice. */
const awayMs = 2_000;

const signals = ["traces", "logs"] as const;
type Measured = (typeof signals)[number];

export const situations: readonly Situation[] = [
  refused("unavailable-hint", "`UNAVAILABLE` with a hint", { status: "UNAVAILABLE", retryDelay: hintMs }),
  refused("exhausted-hint", "`RESOURCE_EXHAUSTED` with a hint", {
    status: "RESOURCE_EXHAUSTED",
    retryDelay: hintMs,
  }),
  refused("unavailable", "`UNAVAILABLE` without", { status: "UNAVAILABLE" }),
  refused("exhausted", "`RESOURCE_EXHAUSTED` without", { status: "RESOURCE_EXHAUSTED" }),
  refused("invalid", "`INVALID_ARGUMENT`", { status: "INVALID_ARGUMENT" }),
  {
    key: "partial",
    title: "rejected in part",
    measure: async (pair) => {
      const message = "sent too late for the shop";
      const told = () => pair.shop.output().split(message).length - 1;
      await fail(pair, "partial", { partialSuccess: { rejected: 1, message } });
      const sent = await deliveries(pair.receiver, "partial");
      const again = signals.some((signal) => sent[signal] > 1);
      return `${again ? "sends all again" : "goes on"}, ${told() > 0 ? "logs why" : "says nothing"}`;
    },
  },
  refused("reset", "reset", { reset: true }),
  refused("silent", "no answer in time", { delay: "3600s" }),
  { key: "restart", title: "away for 2 s", measure: restart },
];

type Fault = Omit<FaultRule, "signal" | "times">;

function refused(key: string, title: string, fault: Fault): Situation {
  const measure = async (pair: Pair) => {
    await fail(pair, key, fault);
    const hint = fault.retryDelay === undefined ? 0 : hintMs;
    const sent = await deliveries(pair.receiver, key);
    return joined((signal) => {
      if (sent[signal] === 0) return "gives up";
      if (hint === 0) return "comes back";
      return waitOf(pair.receiver, signal) < hint ? "comes back too early" : "waits as told";
    });
  };
  return { key, title, measure };
}

/** Places an order whose exports fail, and goes on until later ones have arrived. */
async function fail(pair: Pair, key: string, fault: Fault): Promise<void> {
  pair.receiver.clear();
  pair.receiver.faults.script(signals.map((signal) => ({ ...fault, signal })));
  await pair.shop.checkout({ id: key, amount: 1 });
  await until(() => pair.receiver.faults.left().length === 0);
  await goOn(pair, key);
}

/** Orders until the spans and the log record of the latest order arrive. */
async function goOn({ shop, receiver }: Pair, key: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const id = `${key} and on ${tries}`;
    await shop.checkout({ id, amount: 1 });
    try {
      const attributes = { "cart.id": id };
      await Promise.all([
        receiver.waitForSpans({ attributes }, { count: 2, timeoutMs: 3_000 }),
        receiver.waitForLogs({ attributes }, { timeoutMs: 3_000 }),
      ]);
      return;
    } catch (error) {
      if (tries === 30) throw new Error(`nothing arrives any more: ${shop.output()}`, { cause: error });
    }
  }
}

/** How many times the items of an order are held. */
async function deliveries(receiver: Receiver, id: string): Promise<Record<Measured, number>> {
  const attributes = { "cart.id": id };
  const spans = await receiver.spans({ name: "POST /checkout", attributes });
  return { traces: spans.length, logs: (await receiver.logs({ attributes })).length };
}

/** Milliseconds between the first request of a signal and its second. */
function waitOf(receiver: Receiver, wanted: Measured): number {
  const [first, second] = receiver.requests().filter(({ signal }) => signal === wanted);
  return Date.parse(second?.time ?? "") - Date.parse(first?.time ?? "");
}

/** The receiver is stopped, so that nothing listens for a while, and started again on the same port. */
async function restart(pair: Pair): Promise<string> {
  const port = Number(new URL(pair.receiver.endpoint).port);
  await pair.receiver.close();
  await pair.shop.checkout({ id: "restart", amount: 1 });
  await setTimeout(awayMs);
  pair.receiver = await startReceiver({ settings: { OTLP_GRPC_PORT: String(port) } });
  await goOn(pair, "restart");
  const sent = await deliveries(pair.receiver, "restart");
  return joined((signal) => (sent[signal] > 0 ? "comes back" : "gives up"));
}

function joined(verdictOf: (signal: Measured) => string): string {
  const verdicts = signals.map(verdictOf);
  if (new Set(verdicts).size === 1) return String(verdicts[0]);
  return signals.map((signal, i) => `${signal}: ${verdicts[i]}`).join("; ");
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20);
}
