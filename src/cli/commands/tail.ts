import type { CommandContext } from "../command-context.ts";
import { cursorFlag } from "../cursor-flag.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
import { onInterrupt } from "../interrupt.ts";
import { itemFilter } from "../item-filter.ts";
import { type ItemLists, printItems } from "../output/items.ts";
import { counted } from "../output/summary-line.ts";
import { traceTree } from "../output/trace-tree.ts";
import { realTimers, TraceCollector } from "../trace-collector.ts";
import { loadTrace } from "./trace.ts";

const itemNouns = { spans: "span", logs: "log record", metrics: "data point" } as const;

/** Prints what comes until the server ends it. `traces` are spans, which people see put together. */
export async function tail(
  what: ItemKind | "traces",
  flags: FlagValues,
  { signal, ...rest }: CommandContext,
): Promise<number> {
  const ended = new AbortController();
  const context = { ...rest, signal: AbortSignal.any([signal, ended.signal]) };
  const { client, output, server } = context;
  const kind = what === "traces" ? "spans" : what;
  const filter = itemFilter(kind, flags);
  const after = cursorFlag(flags);
  const collector =
    what === "traces" && output.isText ? collect(context, Object.keys(filter.value).length > 0) : undefined;
  const show = async (items: ItemLists) =>
    collector === undefined ? printItems(items, output) : collector.add(items.spans ?? []);

  const print = async () => {
    let isFirst = true;
    for await (const { spans, logs, metrics, missed } of client.tail({ filter, after }, context)) {
      if (isFirst && output.isText) {
        output.say(`showing ${what} from ${server.url} as they come, Ctrl-C ends it`);
      }
      isFirst = false;
      if (missed > 0n) {
        output.say(`${counted(missed, itemNouns[kind])} gone before they could be shown (missed)`);
      }
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
 * Does something until it ends or Ctrl-C comes, and then cleans up.
 * @returns the exit code when it was Ctrl-C
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

function collect(context: CommandContext, isFiltered: boolean): TraceCollector {
  const { output } = context;
  return new TraceCollector({
    timers: realTimers,
    isFiltered,
    // Where that fails, too, what has come is shown; if it is the server, the stream tells.
    load: (traceId) => loadTrace(traceId, context).catch(() => undefined),
    show: (spans) => output.lines([...traceTree(spans, output.view), ""]),
  });
}
