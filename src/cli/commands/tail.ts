import type { CommandContext } from "../command-context.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
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
  context: CommandContext,
): Promise<number> {
  const { client, output, server, signal } = context;
  const kind = what === "traces" ? "spans" : what;
  const filter = itemFilter(kind, flags);
  const after = (flags.after as string | undefined) ?? "";
  const collector =
    what === "traces" && output.isText ? collect(context, Object.keys(filter.value).length > 0) : undefined;
  const show = async (items: ItemLists) =>
    collector === undefined ? printItems(items, output) : collector.add(items.spans ?? []);

  const print = async () => {
    let isFirst = true;
    for await (const { spans, logs, metrics, missed } of client.tail({ filter, after }, { signal })) {
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
  try {
    await (collector === undefined ? print() : Promise.race([print(), collector.failed]));
  } finally {
    await collector?.flush();
  }
  output.say(`${server.url} ended the stream`);
  return 1;
}

function collect(context: CommandContext, isFiltered: boolean): TraceCollector {
  const { output } = context;
  return new TraceCollector({
    timers: realTimers,
    isFiltered,
    load: (traceId) => loadTrace(traceId, context),
    show: (spans) => output.lines([...traceTree(spans, output.view), ""]),
  });
}
