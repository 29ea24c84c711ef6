import { invalidArgument } from "../../domain/errors.ts";
import { withinLimits } from "../../domain/read-limits.ts";
import { bySignal, type Signal, signals } from "../../domain/signal.ts";
import type { Show } from "./answer-page.ts";
import type { AnswerQuery } from "./page-query.ts";
import type { ReadDependencies } from "./read-dependencies.ts";
import { shortName } from "./short-name.ts";
import { showInSteps } from "./show-in-steps.ts";
import { sortInSteps } from "./sort-in-steps.ts";

export interface ServiceItems {
  /** "" for items whose resource names no service. */
  readonly name: string;
  /** Items held now. */
  readonly items: Readonly<Record<Signal, number>>;
}

export interface ServicesQuery extends AnswerQuery {
  /** @default `readLimits.services` */
  readonly limit?: number;
}

export interface ServicesPage<Value> {
  /** Services in the order of their names. */
  readonly services: readonly Value[];
  /** The value of `after` to have the services that follow; "" when there are none. */
  readonly cursor: string;
}

/**
 * The services of what is held. Names that `shortName` makes equal are one service.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large
 */
export async function listServices<Value>(
  dependencies: Pick<ReadDependencies, "store" | "turns" | "pace">,
  { limit, after, maxBytes, envelopeBytes = 0, share, abort }: ServicesQuery,
  show: Show<ServiceItems, Value>,
): Promise<ServicesPage<Value>> {
  const bounds = {
    maxItems: withinLimits("services", limit),
    maxBytes: withinLimits("maxBytes", maxBytes),
    envelopeBytes,
    share,
  };
  const lastName = after === undefined ? undefined : nameOf(after);
  const byName = await countServices(dependencies, abort);
  const following = Array.from(byName, ([name, items]) => ({ name, items })).filter(
    ({ name }) => lastName === undefined || name > lastName,
  );
  const services = await sortInSteps(dependencies, following, (a, b) => (a.name < b.name ? -1 : 1), abort);
  const page = await showInSteps(dependencies, services, bounds, abort, show);
  const last = services[page.length - 1];
  const isCut = page.length < services.length;
  return { services: page, cursor: isCut && last !== undefined ? cursorOf(last.name) : "" };
}

/** Counts in short steps, between which the store may take in and evict items. */
async function countServices(
  { store, turns }: Pick<ReadDependencies, "store" | "turns">,
  abort: AbortSignal | undefined,
): Promise<Map<string, Record<Signal, number>>> {
  const byName = new Map<string, Record<Signal, number>>();
  // As of a walk, the first step of calls that arrive together has a turn of its own.
  await turns.next();
  abort?.throwIfAborted();
  for (const signal of signals) {
    const end = store.range(signal).next;
    for (let from = store.range(signal).first; from < end; ) {
      const { items, rest } = store.services(signal, from);
      for (const [name, count] of items) {
        const short = shortName(name);
        const counts = byName.get(short) ?? bySignal(() => 0);
        counts[signal] += count;
        byName.set(short, counts);
      }
      from = rest.from;
      if (from < end) {
        await turns.next();
        abort?.throwIfAborted();
      }
    }
  }
  return byName;
}

/**
 * Stands before the name, so that the cursor of the service without a name is not empty. No cursor of items has
 * a colon.
 */
const mark = "s:";

function cursorOf(name: string): string {
  return Buffer.from(`${mark}${name}`).toString("base64url");
}

function nameOf(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString();
  const name = text.slice(mark.length);
  if (!text.startsWith(mark) || cursorOf(name) !== cursor) {
    throw invalidArgument("after", "not a cursor of ListServices");
  }
  return name;
}
