import {
  type Bucket,
  type MetricSeries,
  type QueryMetricResponse,
  QueryMetricResponseSchema,
  type SeriesPoint,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import { readLimits } from "../../../domain/read-limits.ts";
import { fromNanos, toNanos } from "../../api/proto-time.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import { durationFlag } from "../../flags/duration.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { filterOf } from "../../flags/filter-request.ts";
import { groupByFlag } from "../../flags/group-flag.ts";
import { timePiece } from "../../output/clock-time.ts";
import { formatDuration } from "../../output/duration-text.ts";
import { line, spaced, type View } from "../../output/line.ts";
import { counted } from "../../output/summary-line.ts";
import { table } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { sayUnreadable } from "../left-out.ts";

/** Prints a metric over time. */
export async function query(name: string, flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const step = flags.step as string | undefined;
  const request = {
    name,
    filter: filterOf("metrics", flags),
    function: (flags.function as string | undefined) ?? "",
    groupBy: groupByFlag(flags),
    limit: countFlag("limit", flags.limit as string | undefined, maxSeries) ?? flagDefaults.limit,
    ...(step !== undefined && { step: fromNanos(durationFlag("step", step)) }),
  };
  const answer = await within(answerMs, context, (abort) => client.queryMetric(request, { signal: abort }));
  if (output.isText) await output.lines(linesOf(name, answer, output.view));
  else await output.json(QueryMetricResponseSchema, [answer]);
  const { leftOutSeries, leftOutPoints, unreadable } = answer;
  if (leftOutSeries > 0) output.say(`left out ${leftOutSeries} series`);
  if (leftOutPoints > 0) output.say(`left out ${counted(leftOutPoints, "data point")}`);
  sayUnreadable(unreadable, "data point", output);
  return 0;
}

/** The most lines that the server draws. */
const maxSeries = readLimits.series.max;
const sparkColumns = 40;
const sparks = "▁▂▃▄▅▆▇█";

/** What is told, then a line for each series: its course, and its least, largest and newest value. */
function linesOf(name: string, answer: QueryMetricResponse, view: View): string[] {
  const { startTime, step, steps, series } = answer;
  if (startTime === undefined || step === undefined) return ["nothing matched"];
  const start = toNanos(startTime);
  const stepNano = toNanos(step);
  const title = line(
    spaced([
      { text: name, style: "bold" },
      { text: `${answer.function}${unitText(answer)}` },
      timePiece(startTime, view),
      { text: `${steps} steps of ${formatDuration(stepNano)}`, style: "dim" },
    ]),
    view,
  );
  const stepOf = ({ time }: SeriesPoint) => (time ? Number((toNanos(time) - start) / stepNano) : -1);
  // Where a data point tells of some buckets, nothing was in the others.
  const told = series.flatMap(({ bucket, points }) => (bucket === undefined ? [] : points.map(stepOf)));
  const zeros = [...new Set(told)].sort((a, b) => a - b).map((step) => [step, 0] as const);
  const rows = series.map((each) => {
    const values = new Map([...zeros, ...each.points.map((point) => [stepOf(point), point.value] as const)]);
    const all = [...values.values()];
    const least = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const most = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const figures = all.length === 0 ? ["", "", ""] : [least, most, all.at(-1) ?? 0].map(shortNumber);
    return [labelOf(each, answer.unit), sparkline(values, steps), ...figures];
  });
  return [title, ...table(["", "", "min", "max", "newest"], rows, view)];
}

/** `shop  outcome=paid` */
function labelOf({ group, bucket }: MetricSeries, unit: string): string {
  if (bucket !== undefined) return `${bucketText(bucket)}${nameOfUnit(unit)}`;
  const texts = Object.entries(group).map(([by, value]) =>
    by.startsWith("attributes.") ? `${by.slice("attributes.".length)}=${value}` : value || "(none)",
  );
  return texts.length === 0 ? "(all)" : texts.join("  ");
}

function bucketText({ low, high }: Bucket): string {
  if (low === high) return shortNumber(low);
  if (low === Number.NEGATIVE_INFINITY) return `up to ${shortNumber(high)}`;
  return high === Number.POSITIVE_INFINITY
    ? `above ${shortNumber(low)}`
    : `${shortNumber(low)} to ${shortNumber(high)}`;
}

function unitText({ unit, function: asked, type }: QueryMetricResponse): string {
  const isCount = asked === "count" || asked === "buckets" || (asked === "rate" && type > 2);
  return `${isCount ? "" : nameOfUnit(unit)}${asked === "rate" ? "/s" : ""}`;
}

/** UCUM's 1 means that there is none, and braces hold a remark. */
function nameOfUnit(unit: string): string {
  const text = unit === "1" ? "" : unit.replace(/^\{(.*)\}$/, "$1");
  return text === "" ? "" : ` ${text}`;
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** The means of the values in each column, from the least to the largest one. */
function sparkline(values: ReadonlyMap<number, number>, steps: number): string {
  const columns = Math.min(sparkColumns, steps);
  const sums = Array.from({ length: columns }, () => ({ sum: 0, count: 0 }));
  for (const [step, value] of values) {
    const column = sums[Math.floor((step * columns) / steps)];
    if (column === undefined) continue;
    column.sum += value;
    column.count += 1;
  }
  const means = sums.map(({ sum, count }) => (count === 0 ? undefined : sum / count));
  const known = means.filter((mean) => mean !== undefined);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return means
    .map((mean) => {
      if (mean === undefined) return " ";
      const part = most > least ? (mean - least) / (most - least) : 0.5;
      return sparks[Math.min(sparks.length - 1, Math.floor(part * sparks.length))];
    })
    .join("");
}
