import { Code, ConnectError } from "@connectrpc/connect";
import { type GetTraceResponse, type Span, SpanSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { traceTree } from "../output/trace-tree.ts";
import { UsageError } from "../usage-error.ts";

/** Prints one trace. */
export async function trace(traceId: string, context: CommandContext): Promise<number> {
  const { client, output } = context;
  if (!/^[0-9a-f]{32}$/i.test(traceId)) {
    throw new UsageError(`${JSON.stringify(traceId)} is no trace id, which has 32 hex digits`);
  }
  const spans = await allSpans(traceId, (request) =>
    within(answerMs, context, (signal) => client.getTrace(request, { signal })),
  );
  if (output.isText) {
    await output.lines(traceTree(spans, output.view));
  } else {
    await output.json(SpanSchema, spans);
  }
  return 0;
}

/** All the spans held of a trace; undefined when there are none any more. */
export async function loadTrace(
  traceId: string,
  { client, signal }: Pick<CommandContext, "client" | "signal">,
): Promise<readonly Span[] | undefined> {
  try {
    return await allSpans(traceId, (request) => client.getTrace(request, { signal }));
  } catch (reason) {
    if (reason instanceof ConnectError && reason.code === Code.NotFound) {
      return undefined;
    }
    throw reason;
  }
}

/** Every span of a trace: each answer has those that fit, and an empty one is the last. */
async function allSpans(
  traceId: string,
  getTrace: (request: { readonly traceId: string; readonly after: string }) => Promise<GetTraceResponse>,
): Promise<readonly Span[]> {
  const first = await getTrace({ traceId, after: "" });
  const spans = [...first.spans];
  for (let page = first; page.spans.length > 0; spans.push(...page.spans)) {
    page = await getTrace({ traceId, after: page.cursor });
  }
  return spans;
}
