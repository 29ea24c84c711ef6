import { ServiceSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../command-context.ts";
import { figure, table } from "../output/table.ts";

/** Prints the services seen in what is held, and how much each has sent. */
export async function services({ client, output, signal }: CommandContext): Promise<number> {
  const answer = await client.listServices({}, { signal });
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
