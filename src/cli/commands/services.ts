import { type ListServicesResponse, type Service, ServiceSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { figure, table } from "../output/table.ts";
import type { CommandContext } from "./command-context.ts";
import { answerMs, within } from "./deadline.ts";

/** Prints the services of the items that are held, and how many items each has. */
export async function services(context: CommandContext): Promise<number> {
  const { client, output } = context;
  const found: Service[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const request: { readonly after: string } = { after };
    const answer: ListServicesResponse = await within(answerMs, context, (abort) =>
      client.listServices(request, { signal: abort }),
    );
    found.push(...answer.services);
    after = answer.cursor || undefined;
  }
  if (output.isText) {
    const rows = found.map(({ name, spans, logs, metrics, profiles }) => [
      name || "(no service.name)",
      ...[spans, logs, metrics, profiles].map(figure),
    ]);
    await output.lines(table(["service", "spans", "logs", "metrics", "profiles"], rows, output.view));
  } else {
    await output.json(ServiceSchema, found);
  }
  return 0;
}
