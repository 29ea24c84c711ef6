import { setTimeout as sleep } from "node:timers/promises";
import { SpanGroupSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { readLimits } from "../../../domain/read-limits.ts";
import { toNanos } from "../../api/proto-time.ts";
import { flagDefaults, maxCount } from "../../flags/defaults.ts";
import { durationFlag } from "../../flags/duration.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { filterOf } from "../../flags/filter-request.ts";
import type { SortFigure } from "../../flags/sort-flag.ts";
import { formatDuration } from "../../output/duration-text.ts";
import type { View } from "../../output/line.ts";
import { LiveLines } from "../../output/live-lines.ts";
import { durationText } from "../../output/span-line.ts";
import { figure, fittedTable, leftOutColumns, printTable } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { onInterrupt } from "../interrupt.ts";
import { figuresAsked, groupText, leftOutText, sayLeftOut } from "./figures.ts";
import { type Sorted, sorted, sortHeadings } from "./top-order.ts";

/** Prints which spans there are most of; on a terminal again and again, until Ctrl-C. */
export async function top(flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const asked = figuresAsked(flags, flagDefaults.topGroupBy);
  const sort = (flags.sort ?? flagDefaults.topSort) as SortFigure;
  // The server knows which groups are the largest, and no other order.
  const most = sort === "count" ? asked : { ...asked, limit: maxCount, maxBytes: readLimits.maxBytes.max };
  const { interval = flagDefaults.topInterval } = flags;
  const intervalMs = Number(durationFlag("interval", interval as string)) / 1e6;
  // The filter is made again each time: --since 5m moves on.
  const load = async () => {
    const request = { filter: filterOf("spans", flags), ...most };
    const answer = await within(answerMs, context, (abort) =>
      client.summarizeSpans(request, { signal: abort }),
    );
    return sorted(answer, sort, asked.limit);
  };
  const isLive = output.isText && output.isTerminal && flags.once !== true;
  if (!isLive) {
    const answer = await load();
    if (output.isText) {
      await printTable(headings, rowsOf(answer), expendableOf(answer), output);
    } else {
      await output.json(SpanGroupSchema, answer.groups);
    }
    sayLeftOut(answer, "span", output);
    return 0;
  }
  const interrupted = new AbortController();
  let exitCode = 0;
  const forget = onInterrupt((code) => {
    exitCode = code;
    interrupted.abort();
  });
  const screen = new LiveLines(output);
  const abort = AbortSignal.any([context.abort, interrupted.signal]);
  try {
    while (!interrupted.signal.aborted) {
      const answer = await load();
      await screen.show(liveLines(answer, output.view, output.rows));
      await sleep(intervalMs, undefined, { signal: abort }).catch(() => {});
      context.abort.throwIfAborted();
    }
  } finally {
    forget();
  }
  return exitCode;
}

const headings = ["", "spans", "/s", "errors", "p50", "p90", "p95", "p99", "max"];
/** Those that say least first: they are left out where there is no room. */
const expendable = ["p90", "p99", "/s", "p50", "max", "p95"];

function rowsOf({ groups }: Sorted): string[][] {
  return groups.map((group) => {
    const { count, rate, errorCount } = group;
    const cells: Readonly<Record<string, string>> = {
      "": groupText(group),
      spans: figure(count),
      "/s": rate === undefined ? "-" : rateText(rate),
      errors: errorCount === 0 ? "" : figure(errorCount),
      p50: durationText(group.p50),
      p90: durationText(group.p90),
      p95: durationText(group.p95),
      p99: durationText(group.p99),
      max: durationText(group.max),
    };
    return headings.map((heading) => cells[heading] ?? "");
  });
}

/** The figure by which groups are sorted stays. */
function expendableOf({ sort }: Sorted): string[] {
  return expendable.filter((heading) => heading !== sortHeadings[sort]);
}

/** The figures with a line above them, as many as the terminal has room for. */
function liveLines(answer: Sorted, view: View, rows: number): string[] {
  const { matched, startTime, endTime } = answer;
  const over =
    startTime === undefined || endTime === undefined
      ? ""
      : ` in ${formatDuration(toNanos(endTime) - toNanos(startTime))}`;
  const leftOut = leftOutText(answer, "span");
  const { lines, leftOut: columns } = fittedTable(headings, rowsOf(answer), expendableOf(answer), view);
  const title = [
    `${figure(matched)} ${matched === 1 ? "span" : "spans"}${over}`,
    leftOut === "" ? "" : `${leftOut} left out`,
    leftOutColumns(columns, view),
  ].filter((part) => part !== "");
  return [view.paint("dim", title.join(", ")), ...lines].slice(0, Math.max(2, rows - 1));
}

/** Three digits: `0.05`, `12.3`, `1,230`. */
function rateText(rate: number): string {
  const digits = rate >= 100 ? 0 : rate >= 10 ? 1 : 2;
  return rate.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
