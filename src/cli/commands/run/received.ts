import type { GetStatsResponse, LogRecord, TraceSummary } from "../../../../gen/obsvty/v1/query_pb.ts";
import { SeverityNumber } from "../../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { type Signal, signals } from "../../../domain/signal.ts";
import { maxCount } from "../../flags/defaults.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { searchAll } from "../items/item-search.ts";

/** What a server has received since its start, as far as it holds it. */
export interface Received {
  /** Accepted items of each signal, those that are held no more among them. */
  readonly accepted: Readonly<Record<Signal, number>>;
  readonly evicted: Readonly<Record<Signal, number>>;
  /** Items that were rejected, and requests that were refused. */
  readonly rejected: number;
  readonly refused: number;
  /** The newest 10,000 at most, the newest last. */
  readonly traces: readonly TraceSummary[];
  /** Spans with the status error, of these traces. */
  readonly spanErrors: number;
  /** Log records of severity ERROR or worse, the newest 10,000 at most. */
  readonly logErrors: readonly LogRecord[];
  readonly metricNames: readonly string[];
}

export function getStats(context: CommandContext): Promise<GetStatsResponse> {
  return within(answerMs, context, (abort) => context.client.getStats({}, { signal: abort }));
}

export async function readReceived(context: CommandContext): Promise<Received> {
  const { client } = context;
  const { signals: figures } = await getStats(context);
  const each = (name: "accepted" | "evicted" | "rejected" | "refused") =>
    Object.fromEntries(signals.map((signal) => [signal, Number(figures[signal]?.[name] ?? 0n)])) as Record<
      Signal,
      number
    >;
  const sum = (of: Record<Signal, number>) => Object.values(of).reduce((total, count) => total + count, 0);
  const newest = { limit: maxCount, after: "" };
  const { items: traces } = await searchAll(newest, context, async (page, abort) => {
    const answer = await client.searchTraces(page, { signal: abort });
    return { ...answer, items: answer.traces };
  });
  const filter = { minSeverity: SeverityNumber.ERROR };
  const { items: logErrors } = await searchAll(newest, context, async (page, abort) => {
    const answer = await client.searchLogs({ filter, ...page }, { signal: abort });
    return { ...answer, items: answer.logs };
  });
  const { items: metrics } = await searchAll(newest, context, async (page, abort) => {
    const answer = await client.searchMetrics({ ...page, latest: true }, { signal: abort });
    return { ...answer, items: answer.metrics.map(({ name }) => name) };
  });
  return {
    accepted: each("accepted"),
    evicted: each("evicted"),
    rejected: sum(each("rejected")),
    refused: sum(each("refused")),
    traces,
    spanErrors: traces.reduce((total, { errorCount }) => total + errorCount, 0),
    logErrors,
    metricNames: [...new Set(metrics)].sort(),
  };
}
