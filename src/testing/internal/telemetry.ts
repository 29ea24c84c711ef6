import { AssertionError } from "node:assert";
import { ObsvtyError } from "../../domain/errors.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import { readLimits } from "../../domain/read-limits.ts";
import type { Core } from "../../use-cases/core.ts";
import type { AnswerShare } from "../../use-cases/read/answer-memory.ts";
import type { Filters, SpanFilter } from "../filters.ts";
import type { Items } from "../items.ts";
import type { WaitOptions } from "../receiver.ts";
import { createTrace, type Trace } from "../trace.ts";
import { tooFewItems, whatIsHeld } from "./failure.ts";
import { bounded, failure, shortly } from "./failure-text.ts";
import { createShowItem, type ShowItem } from "./item-json.ts";
import { matching } from "./matching.ts";
import { type ParsedFilter, parseFilter } from "./parse-filter.ts";

const defaultTimeoutMs = 4_000;

/** Reads what a receiver holds, through the use cases of its server and in the shapes of its API. */
export class Telemetry {
  readonly #core: Core;
  readonly #show: ShowItem;
  readonly #closing: AbortSignal;

  /** @param closing aborts waits with its reason */
  constructor(core: Core, closing: AbortSignal) {
    this.#core = core;
    this.#closing = closing;
    this.#show = createShowItem(core.reader);
  }

  /** All items that match, in order of arrival. */
  async search<Kind extends ItemKind>(kind: Kind, filter: Filters[Kind]): Promise<Items[Kind][]> {
    const items = await this.#all(kind, parseFilter(kind, filter, this.#show));
    return items.map((item) => this.#show(kind, item));
  }

  /** @throws AssertionError when there are not enough in time */
  async waitFor<Kind extends ItemKind>(
    kind: Kind,
    filter: Filters[Kind],
    { count: minCount = 1, timeoutMs = defaultTimeoutMs }: WaitOptions,
  ): Promise<Items[Kind][]> {
    const parsed = parseFilter(kind, filter, this.#show);
    const query = { ...parsed, minCount, timeoutMs, abort: this.#closing };
    try {
      await this.#withShare((share) =>
        this.#core.reader.waitFor<Kind, undefined>(kind, { ...query, share }, showNothing),
      );
    } catch (reason) {
      if (!(reason instanceof ObsvtyError)) throw reason;
      if (reason.code !== "deadline-passed") throw named(reason);
      const all = await this.search(kind, {});
      const late = matching(kind, all, filter);
      // They came while the server looked for the nearest miss.
      if (late.length >= minCount) return late;
      throw tooFewItems({ kind, filter, parsed, count: minCount, timeoutMs, items: all });
    }
    const matched = await this.#all(kind, parsed);
    return matched.map((item) => this.#show(kind, item));
  }

  /** @throws AssertionError when no span of it is held */
  async trace(traceId: string): Promise<Trace> {
    const spans = await this.search("spans", { traceId });
    if (spans.length > 0) return createTrace(traceId.toLowerCase(), spans);
    throw failure(
      bounded([
        `no span of trace ${traceId} is held`,
        ...whatIsHeld("spans", await this.search("spans", {})),
      ]),
    );
  }

  /** @throws AssertionError when no span matches in time, or the trace of the first that does is not complete then */
  async waitForTrace(filter: SpanFilter, { timeoutMs = defaultTimeoutMs }: WaitOptions): Promise<Trace> {
    const endMs = performance.now() + timeoutMs;
    const [first] = await this.waitFor("spans", filter, { timeoutMs });
    const { traceId = "" } = first ?? {};
    for (;;) {
      const trace = await this.trace(traceId);
      if (trace.isComplete) return trace;
      const leftMs = Math.ceil(endMs - performance.now());
      const more = { count: trace.spans.length + 1, timeoutMs: Math.max(0, leftMs) };
      await this.waitFor("spans", { traceId }, more).catch((reason) => {
        if (!(reason instanceof AssertionError)) throw reason;
        const tree = trace.toString().split("\n");
        throw failure(
          bounded([`the trace of ${shortly(filter)} is not complete after ${timeoutMs} ms:`, ...tree]),
        );
      });
    }
  }

  /** Reads back page by page, so that any number of items can be held. */
  async #all<Kind extends ItemKind>(kind: Kind, parsed: ParsedFilter<Kind>): Promise<ItemOf<Kind>[]> {
    const pages: (readonly ItemOf<Kind>[])[] = [];
    let before: string | undefined;
    do {
      const { items, previous } = await this.#withShare((share) =>
        this.#core.reader.search<Kind, ItemOf<Kind>>(
          kind,
          { ...parsed, before, limit: readLimits.limit.max, share },
          (item) => ({ value: item, byteLength: 0 }),
        ),
      );
      pages.push(items);
      before = items.length === 0 ? "" : previous;
    } while (before !== "");
    return pages.reverse().flat();
  }

  async #withShare<Result>(read: (share: AnswerShare) => Promise<Result>): Promise<Result> {
    const share = this.#core.answers.open();
    try {
      return await read(share);
    } finally {
      share.release();
    }
  }
}

function showNothing(): { readonly value: undefined; readonly byteLength: 0 } {
  return { value: undefined, byteLength: 0 };
}

/** A refused argument by the name that it has here. */
function named(reason: ObsvtyError): unknown {
  if (reason.code !== "invalid-argument") return reason;
  const message = reason
    .inJson()
    .message.replace(/^minCount:/, "count:")
    .replace(/^timeout:/, "timeoutMs:");
  return new TypeError(message, { cause: reason });
}
