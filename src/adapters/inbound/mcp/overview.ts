import { type Arguments, filterOfArguments, text } from "./tool-arguments.ts";
import type { ToolCall } from "./tool-call.ts";
import { cut, durationText, inLine, linesOf, shownLine } from "./tool-text.ts";

const maxRows = 30;

/** By which the overview can be narrowed: where there is much, it does not fit. */
export const overviewArguments = {
  service: text,
  name_contains: { ...text, description: "of operations and metrics" },
} as const;

/** What is held, in one page. Each of the lists gets a share of the bytes. */
export async function overview(args: Arguments, { core, share, abort, maxBytes }: ToolCall): Promise<string> {
  const { reader } = core;
  const query = { share, abort, limit: maxRows, maxBytes: Math.floor(maxBytes / 4) };
  const { services, cursor } = await reader.services(query, ({ name, items }) =>
    shownLine(
      `- ${inLine(name) || "(none)"}: ${items.traces} spans, ${items.logs} logs, ${items.metrics} data points`,
    ),
  );
  if (services.length === 0) return nothingHeld;
  const groupBy = [{ field: "service" }, { field: "name" }] as const;
  const filter = await filterOfArguments("spans", args);
  const operations = await reader.summarizeSpans({ ...query, filter, groupBy }, (group) => {
    const { values, count, errorCount, durations, newestErrorTraceId, slowestTraceId } = group;
    const [service = "", name = ""] = values;
    const took = durations && ` p50 ${durationText(durations.p50)} p99 ${durationText(durations.p99)}`;
    const example = newestErrorTraceId === "" ? `slowest ${slowestTraceId}` : `error ${newestErrorTraceId}`;
    return shownLine(
      `- ${inLine(String(service))} ${inLine(String(name))}: ${count} spans, ${errorCount} errors${took ?? ""} ${example}`,
    );
  });
  const ofMetrics = { ...query, filter: await filterOfArguments("metrics", args) };
  const { metrics, leftOut } = await reader.metrics(ofMetrics, ({ name, type, unit, series }) =>
    shownLine(
      `- ${inLine(name)} (${type}${unit === "" ? "" : `, ${cut(inLine(unit), 20)}`}): ${series} series`,
    ),
  );
  const evicted = Object.entries(reader.stats()).filter(([, stats]) => stats.evicted > 0);
  const { window } = operations;
  const isNarrowed = Object.keys(overviewArguments).some((name) => args[name] !== undefined);
  return linesOf([
    `now: ${isoTime(BigInt(Date.now()) * 1_000_000n)}${
      window === undefined
        ? ""
        : `; spans started from ${isoTime(window.startUnixNano)} to ${isoTime(window.endUnixNano)}`
    }`,
    ...(isNarrowed ? [] : ["services:", ...services, cursor !== "" && "- and more services"]),
    "operations, the commonest first, each with an example trace:",
    ...operations.groups,
    operations.leftOut.groups > 0 &&
      `- and ${operations.leftOut.groups} more operations with ${operations.leftOut.items} spans: ${narrow}`,
    "metrics:",
    ...metrics,
    leftOut > 0 && `- and ${leftOut} more metrics: ${narrow}`,
    ...evicted.map(([signal, { evicted }]) => `${evicted} older items of ${signal} are not held any more`),
    `cursor of now, for wait_for: ${reader.newestCursor()}`,
  ]);
}

const narrow = "call overview with service or name_contains";

const nothingHeld =
  "Nothing is held. A program sends here when it has an SDK of OpenTelemetry and OTEL_EXPORTER_OTLP_ENDPOINT set to the " +
  "URL of this server; wait_for waits for what it sends.";

function isoTime(unixNano: bigint): string {
  return new Date(Number(unixNano / 1_000_000n)).toISOString();
}
