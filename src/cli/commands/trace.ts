import { Code, ConnectError } from "@connectrpc/connect";
import { type GetTraceResponse, type Span, SpanSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { counted } from "../output/summary-line.ts";
import { traceTree } from "../output/trace-tree.ts";
import type { CommandContext } from "./command-context.ts";
import { answerMs, within } from "./deadline.ts";
import { sayUnreadable } from "./left-out.ts";

/** Prints one trace. */
export async function trace(traceId: string, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const { spans, missed, unreadable } = await allSpans(traceId, (request) =>
    within(answerMs, context, (abort) => client.getTrace(request, { signal: abort })),
  );
  if (output.isText) {
    await output.lines(traceTree(spans, output.view));
  } else {
    await output.json(SpanSchema, spans);
  }
  if (missed > 0n) {
    output.say(`${counted(missed, "span")} evicted meanwhile, perhaps of this trace`);
  }
  sayUnreadable(unreadable, "span", output);
  return 0;
}

/** All the spans held of a trace; undefined when none is held any more. */
export async function loadTrace(
  traceId: string,
  { client, abort }: Pick<CommandContext, "client" | "abort">,
): Promise<readonly Span[] | undefined> {
  try {
    const { spans } = await allSpans(traceId, (request) => client.getTrace(request, { signal: abort }));
    return spans;
  } catch (reason) {
    if (reason instanceof ConnectError && reason.code === Code.NotFound) {
      return undefined;
    }
    throw reason;
  }
}

/** Every span of a trace. An answer holds the spans that fit into it; an empty answer is the last. */
async function allSpans(
  traceId: string,
  getTrace: (request: { readonly traceId: string; readonly after: string }) => Promise<GetTraceResponse>,
): Promise<Pick<GetTraceResponse, "spans" | "missed" | "unreadable">> {
  const first = await getTrace({ traceId, after: "" });
  const spans = [...first.spans];
  let { missed, unreadable } = first;
  for (let page = first; page.spans.length > 0; ) {
    page = await getTrace({ traceId, after: page.cursor });
    spans.push(...page.spans);
    missed += page.missed;
    unreadable += page.unreadable;
  }
  return { spans, missed, unreadable };
}
