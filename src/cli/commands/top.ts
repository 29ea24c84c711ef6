import { setTimeout as sleep } from "node:timers/promises";
import { SpanGroupSchema, type SummarizeSpansResponse } from "../../../gen/obsvty/v1/query_pb.ts";
import { toNanos } from "../api/proto-time.ts";
import { flagDefaults } from "../flags/defaults.ts";
import { durationFlag } from "../flags/duration.ts";
import type { FlagValues } from "../flags/filter-flags.ts";
import { filterOf } from "../flags/filter-request.ts";
import { formatDuration } from "../output/duration-text.ts";
import type { View } from "../output/line.ts";
import { LiveLines } from "../output/live-lines.ts";
import { durationText } from "../output/span-line.ts";
import { figure, table } from "../output/table.ts";
import type { CommandContext } from "./command-context.ts";
import { answerMs, within } from "./deadline.ts";
import { figuresAsked, groupText, leftOutText, sayLeftOut } from "./figures.ts";
import { onInterrupt } from "./interrupt.ts";

/** Prints which spans there are most of; on a terminal again and again, until Ctrl-C. */
export async function top(flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const asked = figuresAsked(flags, flagDefaults.topGroupBy);
  const { interval = flagDefaults.topInterval } = flags;
  const intervalMs = Number(durationFlag("interval", interval as string)) / 1e6;
  // The filter is made again each time: --since 5m moves on.
  const load = () => {
    const request = { filter: filterOf("spans", flags), ...asked };
    return within(answerMs, context, (abort) => client.summarizeSpans(request, { signal: abort }));
  };
  const isLive = output.isText && output.isTerminal && flags.once !== true;
  if (!isLive) {
    const answer = await load();
    if (output.isText) await output.lines(linesOf(answer, output.view));
    else await output.json(SpanGroupSchema, answer.groups);
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
/** Without the columns that say least, for a narrow terminal. */
const narrowHeadings = ["", "spans", "/s", "errors", "p50", "p95", "max"];
const narrowColumns = 100;

function linesOf({ groups }: Pick<SummarizeSpansResponse, "groups">, view: View): string[] {
  const shown = view.columns < narrowColumns ? narrowHeadings : headings;
  const rows = groups.map((group) => {
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
    return shown.map((heading) => cells[heading] ?? "");
  });
  return table(shown, rows, view);
}

/** The figures with a line above them, as many as the terminal has room for. */
function liveLines(answer: SummarizeSpansResponse, view: View, rows: number): string[] {
  const { matched, startTime, endTime } = answer;
  const over =
    startTime === undefined || endTime === undefined
      ? ""
      : ` in ${formatDuration(toNanos(endTime) - toNanos(startTime))}`;
  const leftOut = leftOutText(answer, "span");
  const title = `${figure(matched)} ${matched === 1 ? "span" : "spans"}${over}${leftOut === "" ? "" : `, ${leftOut} left out`}`;
  return [view.paint("dim", title), ...linesOf(answer, view)].slice(0, Math.max(2, rows - 1));
}

/** Three digits: `0.05`, `12.3`, `1,230`. */
function rateText(rate: number): string {
  const digits = rate >= 100 ? 0 : rate >= 10 ? 1 : 2;
  return rate.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
