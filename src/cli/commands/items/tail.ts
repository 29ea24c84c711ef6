import { type ItemKind, itemSignals } from "../../../domain/item-kind.ts";
import { signalTraits } from "../../../domain/signal.ts";
import { cursorFlag } from "../../flags/cursor-flag.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { itemFilter } from "../../flags/filter-request.ts";
import { type ItemLists, printItems } from "../../output/items.ts";
import { countedItems } from "../../output/summary-line.ts";
import { traceTree } from "../../output/trace-tree.ts";
import type { CommandContext } from "../command-context.ts";
import { onInterrupt } from "../interrupt.ts";
import { sayUnreadable } from "../left-out.ts";
import { realTimers, TraceCollector } from "../run/trace-collector.ts";
import { loadTrace } from "./trace.ts";

/** Prints items as they arrive, until the server ends the stream. On a terminal `traces` shows whole traces. */
export async function tail(
  what: ItemKind | "traces",
  flags: FlagValues,
  { abort, ...rest }: CommandContext,
): Promise<number> {
  const ended = new AbortController();
  const context = { ...rest, abort: AbortSignal.any([abort, ended.signal]) };
  const { client, output, server } = context;
  const kind = what === "traces" ? "spans" : what;
  const filter = itemFilter(kind, flags);
  const after = cursorFlag(flags);
  const collector =
    what === "traces" && output.isText
      ? collect(context, Object.keys(filter.value).length > 0, flags)
      : undefined;
  const show = async (items: ItemLists) =>
    collector === undefined ? printItems(items, output) : collector.add(items.spans ?? []);

  const request = { filter, after };
  const options = { signal: context.abort };
  const print = async () => {
    let isFirst = true;
    for await (const { spans, logs, metrics, missed, unreadable } of client.tail(request, options)) {
      if (isFirst && output.isText) {
        output.say(`showing new ${what} from ${server.url} until Ctrl-C`);
      }
      isFirst = false;
      if (missed > 0n) {
        output.say(
          `${countedItems(missed, itemSignals[kind])} evicted before they could be shown and missed`,
        );
      }
      sayUnreadable(unreadable, signalTraits[itemSignals[kind]].itemNoun.one, output);
      await show({ spans, logs, metrics });
    }
  };
  if (collector === undefined) {
    await print();
  } else {
    const exitCode = await untilInterrupted(
      () => Promise.race([print(), collector.failed]),
      async () => {
        ended.abort();
        await collector.flush();
      },
    );
    if (exitCode !== undefined) return exitCode;
  }
  output.say(`${server.url} ended the stream`);
  return 1;
}

/**
 * Runs `act` until it ends or Ctrl-C is pressed, then cleans up.
 * @returns the exit code if Ctrl-C was pressed
 */
async function untilInterrupted(
  act: () => Promise<void>,
  cleanUp: () => Promise<void>,
): Promise<number | undefined> {
  const interrupted = Promise.withResolvers<number>();
  const forget = onInterrupt(interrupted.resolve);
  try {
    return (await Promise.race([act(), interrupted.promise])) ?? undefined;
  } finally {
    forget();
    await cleanUp();
  }
}

function collect(context: CommandContext, isFiltered: boolean, flags: FlagValues): TraceCollector {
  const { output } = context;
  return new TraceCollector({
    timers: realTimers,
    isFiltered,
    // If loading fails, the spans that arrived are shown. If the server is gone, the stream says so.
    load: (traceId) => loadTrace(traceId, context).catch(() => undefined),
    show: (spans) =>
      output.lines([...traceTree(spans, output.view, { verbose: flags.verbose === true }), ""]),
  });
}
