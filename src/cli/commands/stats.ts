import { GetStatsResponseSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../command-context.ts";
import { byteFigure, figure, table } from "../output/table.ts";

const signalNames = ["traces", "logs", "metrics", "profiles"] as const;

/** Prints what is held, and what came, was refused and was evicted since the start. */
export async function stats({ client, output, signal }: CommandContext): Promise<number> {
  const answer = await client.getStats({}, { signal });
  if (!output.isText) {
    await output.json(GetStatsResponseSchema, [answer]);
    return 0;
  }
  const rows = signalNames.flatMap((name) => {
    const of = answer.signals[name];
    if (of === undefined) return [];
    const { items, bytes, accepted, rejected, refused, evicted } = of;
    return [[name, figure(items), byteFigure(bytes), ...[accepted, rejected, refused, evicted].map(figure)]];
  });
  await output.lines(
    table(["", "items", "bytes", "accepted", "rejected", "refused", "evicted"], rows, output.view),
  );
  return 0;
}
