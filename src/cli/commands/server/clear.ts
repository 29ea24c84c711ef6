import { ClearResponseSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { counted } from "../../output/summary-line.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";

/** Has the server forget all that it holds. */
export async function clear(context: CommandContext): Promise<number> {
  const { client, output } = context;
  const answer = await within(answerMs, context, (abort) => client.clear({}, { signal: abort }));
  if (output.isText) await output.lines([`cleared ${counted(answer.cleared, "item")}`]);
  else await output.json(ClearResponseSchema, [answer]);
  return 0;
}
