import { type Metric, MetricSchema, MetricTypeSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { filterOf } from "../../flags/filter-request.ts";
import { timePiece } from "../../output/clock-time.ts";
import { counted } from "../../output/summary-line.ts";
import { figure, printTable } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { sayUnreadable } from "../left-out.ts";

/** Prints the metrics of the data points that match. */
export async function metrics(flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const limit = countFlag("limit", flags.limit as string | undefined) ?? flagDefaults.limit;
  const request = { filter: filterOf("metrics", flags), limit };
  const answer = await within(answerMs, context, (abort) => client.listMetrics(request, { signal: abort }));
  if (output.isText) {
    const rows = answer.metrics.map((metric) => [
      `${metric.name}  ${metric.services.join(", ")}`.trimEnd(),
      typeText(metric),
      metric.unit,
      figure(metric.series),
      figure(metric.points),
      timePiece(metric.newestTime, output.view).text,
    ]);
    const headings = ["", "type", "unit", "series", "points", "newest"];
    await printTable(headings, rows, ["newest", "points", "series"], output);
  } else {
    await output.json(MetricSchema, answer.metrics);
  }
  if (answer.leftOut > 0) output.say(`left out ${counted(answer.leftOut, "metric")}; set --limit for more`);
  sayUnreadable(answer.unreadable, "data point", output);
  return 0;
}

/** As the flag --type takes it. */
function typeText({ type }: Metric): string {
  return (MetricTypeSchema.value[type]?.localName ?? String(type)).toLowerCase().replaceAll("_", "-");
}
