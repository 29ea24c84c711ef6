import { GetStatsResponseSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { byteFigure, figure, turnedTable } from "../output/table.ts";
import type { CommandContext } from "./command-context.ts";
import { answerMs, within } from "./deadline.ts";

const headings = ["", "items", "bytes", "accepted", "rejected", "refused", "injected", "evicted"];
const signalNames = ["traces", "logs", "metrics", "profiles"] as const;

/** Prints how much the server holds, and how much it accepted, refused and evicted since its start. */
export async function stats(context: CommandContext): Promise<number> {
  const { client, output } = context;
  const answer = await within(answerMs, context, (abort) => client.getStats({}, { signal: abort }));
  if (!output.isText) {
    await output.json(GetStatsResponseSchema, [answer]);
    return 0;
  }
  // Shown when there are any: the row of a server without them fits into 80 columns.
  const hasUnreadable = Object.values(answer.signals).some(({ unreadable }) => unreadable > 0n);
  const rows = signalNames.flatMap((name) => {
    const of = answer.signals[name];
    if (of === undefined) return [];
    const { items, bytes, accepted, rejected, refused, injected, evicted, unreadable } = of;
    const counts = [
      accepted,
      rejected,
      refused,
      injected,
      evicted,
      ...(hasUnreadable ? [unreadable] : []),
    ].map(figure);
    return [[name, figure(items), byteFigure(bytes), ...counts]];
  });
  await output.lines(turnedTable(hasUnreadable ? [...headings, "unreadable"] : headings, rows, output.view));
  return 0;
}
