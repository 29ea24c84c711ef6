import { type Message, ScalarType } from "@bufbuild/protobuf";
import {
  type ListServicesResponse,
  type Service,
  ServiceSchema,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import { figure, table } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";

/** The fields of a service that count items. Each is a column. */
const counts = ServiceSchema.fields
  .filter(({ scalar }) => scalar === ScalarType.UINT64)
  .map(({ localName }) => localName as Exclude<keyof Service, "name" | keyof Message>);

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
    const rows = found.map((service) => [
      service.name || "(no service.name)",
      ...counts.map((field) => figure(service[field])),
    ]);
    await output.lines(table(["service", ...counts], rows, output.view));
  } else {
    await output.json(ServiceSchema, found);
  }
  return 0;
}
