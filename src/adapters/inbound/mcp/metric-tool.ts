import { type GroupBy, groupFields } from "../../../domain/grouping.ts";
import type { MetricFunction } from "../../../domain/metric-function.ts";
import type { ShownSeries } from "../../../use-cases/read/series/query-metric.ts";
import { attributePrefix, groupsBy } from "../query-api/from-proto.ts";
import { type Arguments, filterOfArguments, nanoOf } from "./tool-arguments.ts";
import type { ToolCall } from "./tool-call.ts";
import { durationText, inLine, linesOf, shownLine } from "./tool-text.ts";

const envelopeBytes = 800;
const defaultSeries = 10;

/** A metric over time, a line for each series, with as many of its newest values as fit. */
export async function metricOverTime(args: Arguments, call: ToolCall): Promise<string> {
  const { core, share, abort, maxBytes } = call;
  const { name, step, limit = defaultSeries, group_by: groupBy = [], function: asked } = args;
  const filter = await filterOfArguments("metrics", args);
  const query = {
    name: String(name),
    filter,
    stepNano: step === undefined ? undefined : nanoOf("step", String(step)),
    function: asked as MetricFunction | undefined,
    groupBy: groupsOf(groupBy as readonly string[]),
    limit: Number(limit),
    share,
    abort,
    maxBytes,
    envelopeBytes,
  };
  const answer = await core.reader.queryMetric(query, (shown) =>
    shownLine(seriesLine(shown, Math.floor(maxBytes / 2))),
  );
  const { steps, series, leftOutSeries, leftOutPoints } = answer;
  return linesOf([
    `${inLine(query.name)} (${answer.type}${answer.unit === "" ? "" : `, ${inLine(answer.unit)}`}): ${answer.function}` +
      (steps === undefined ? "" : `, step ${durationText(Number(steps.stepNano))}`),
    ...series,
    leftOutSeries > 0 && `${leftOutSeries} more series: raise limit or max_tokens, filter, or group_by`,
    leftOutPoints > 0 && `${leftOutPoints} data points are in no series shown`,
  ]);
}

/** As the command line takes them: one text may have several, with commas between. */
function groupsOf(given: readonly string[]): GroupBy[] {
  const texts = given.flatMap((text) => text.split(",")).map((text) => text.trim());
  const fields = groupFields.metrics;
  // An agent writes keys of attributes as it reads them. Those that are the name of a field need the prefix.
  return groupsBy(
    "metrics",
    texts.map((text) =>
      fields.some((field) => field === text) || text.startsWith(attributePrefix)
        ? text
        : attributePrefix + text,
    ),
  );
}

function seriesLine({ drawn, steps }: ShownSeries, maxLength: number): string {
  const group = drawn.by.map((by, i) => {
    const name = "field" in by ? by.field : by.attribute;
    return `${inLine(name)}=${inLine(String(drawn.values[i] ?? ""))}`;
  });
  const { bucket } = drawn;
  if (bucket !== undefined) group.push(`${bucket.low}..${bucket.high}`);
  const head = `- ${group
    .join(" ")
    .slice(0, Math.floor(maxLength / 4))
    .toWellFormed()}:`;
  let length = head.length;
  let leftOut = 0;
  const values: string[] = [];
  for (let step = steps.count - 1; step >= 0; step--) {
    const value = drawn.valueAt(step);
    if (value === undefined) continue;
    const ms = Number((steps.startUnixNano + BigInt(step) * steps.stepNano) / 1_000_000n);
    const text = ` ${new Date(ms).toISOString().slice(5, 23)}=${Number(value.toPrecision(6))}`;
    length += text.length;
    if (length > maxLength) leftOut += 1;
    else values.unshift(text);
  }
  const cut = leftOut > 0 ? ` (${leftOut} earlier values left out: take a longer step)` : "";
  return `${head}${cut}${values.join("")}`;
}
