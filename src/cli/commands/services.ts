import { ServiceSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { figure, table } from "../output/table.ts";

/** Prints the services seen in what is held, and how much each has sent. */
export async function services(context: CommandContext): Promise<number> {
  const { client, output } = context;
  const answer = await within(answerMs, context, (signal) => client.listServices({}, { signal }));
  if (output.isText) {
    const rows = answer.services.map(({ name, spans, logs, metrics, profiles }) => [
      name || "(no service.name)",
      ...[spans, logs, metrics, profiles].map(figure),
    ]);
    await output.lines(table(["service", "spans", "logs", "metrics", "profiles"], rows, output.view));
  } else {
    await output.json(ServiceSchema, answer.services);
  }
  return 0;
}
