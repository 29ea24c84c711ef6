import {
  GetStatsResponseSchema,
  type LimitUse,
  type SignalStats,
  type SinkStats,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import { formatDuration } from "../../output/duration-text.ts";
import { failureText } from "../../output/failure-text.ts";
import type { View } from "../../output/line.ts";
import { byteFigure, figure, turnedTable } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";

const headings = ["", "items", "bytes", "accepted", "rejected", "refused", "injected", "evicted"];

/** Prints how much the server holds, what it accepted, refused and evicted since its start, and handed on. */
export async function stats(context: CommandContext): Promise<number> {
  const { client, output } = context;
  const answer = await within(answerMs, context, (abort) => client.getStats({}, { signal: abort }));
  if (!output.isText) {
    await output.json(GetStatsResponseSchema, [answer]);
    return 0;
  }
  // They are shown when there are any: the row of a server without them fits into 80 columns.
  const rare = (["unconfirmed", "unreadable"] as const).filter((name) =>
    Object.values(answer.signals).some((figures) => figures[name] > 0n),
  );
  const rows = Object.entries(answer.signals).map(([name, figures]) => {
    const { items, bytes, accepted, rejected, refused, injected, evicted } = figures;
    const counts = [accepted, rejected, refused, injected, evicted, ...rare.map((each) => figures[each])].map(
      figure,
    );
    return [name, figure(items), byteFigure(bytes), ...counts];
  });
  await output.lines(turnedTable([...headings, ...rare], rows, output.view));
  const sinks = Object.entries(answer.sinks).map(([name, sink]) => sinkRow(name, sink, output.view));
  if (sinks.length > 0) await output.lines(["", ...turnedTable(sinkHeadings, sinks, output.view)]);
  const reasons = Object.entries(answer.signals).flatMap(([name, figures]) => reasonRows(name, figures));
  if (reasons.length > 0) await output.lines(["", ...turnedTable(reasonHeadings, reasons, output.view)]);
  const near = Object.entries(answer.limits).filter(isNear);
  if (near.length > 0) await output.lines(["", ...near.map(limitLine)]);
  return 0;
}

const reasonHeadings = ["", "count", "why"];

/** Why items were rejected and requests refused, the most frequent reason first. */
function reasonRows(signal: string, { rejectedFor, refusedFor }: SignalStats): string[][] {
  const rows = (what: string, counts: Readonly<Record<string, bigint>>) =>
    Object.entries(counts)
      .sort(([, one], [, other]) => Number(other - one))
      .map(([reason, count]) => [`${signal} ${what}`, figure(count), reason]);
  return [...rows("rejected", rejectedFor), ...rows("refused", refusedFor)];
}

/** Whether calls are about to be refused. A full buffer is not: it makes room for what comes. */
function isNear([setting, { used, most }]: readonly [string, LimitUse]): boolean {
  return !setting.startsWith("MAX_BUFFER_") && used * 10n >= most * 9n;
}

function limitLine([setting, { used, most }]: readonly [string, LimitUse]): string {
  return `${setting}: ${figure(used)} of ${figure(most)} used`;
}

const sinkHeadings = [
  "sink",
  "policy",
  "state",
  "backlog",
  "bytes",
  "oldest",
  "delivered",
  "retried",
  "missed",
  "refused",
  "last failure",
];

/** How handing on to a sink goes. */
function sinkRow(name: string, sink: SinkStats, view: View): string[] {
  const { policy, state, backlogItems, backlogBytes, oldest, delivered, retried, missed, refused } = sink;
  return [
    name,
    policy,
    state,
    figure(backlogItems),
    byteFigure(backlogBytes),
    backlogItems === 0n ? "" : formatDuration((oldest?.seconds ?? 0n) * 1_000_000_000n),
    ...[delivered, retried, missed, refused].map(figure),
    failureText(sink, view),
  ];
}
