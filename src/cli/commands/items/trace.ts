import { Code, ConnectError } from "@connectrpc/connect";
import { type GetTraceResponse, type Span, SpanSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { maxCount } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { checkTraceId } from "../../flags/trace-id.ts";
import { counted } from "../../output/summary-line.ts";
import { traceTree } from "../../output/trace-tree.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { sayUnreadable } from "../left-out.ts";
import { searchAll } from "./item-search.ts";

/** Prints one trace. @param id of the trace, or the beginning of it */
export async function trace(id: string, flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  checkTraceId(id);
  const traceId = id.length < idDigits ? await onlyTrace(id.toLowerCase(), context) : id;
  if (flags.outline === true) {
    const { outline } = await import("./outline.ts");
    return outline(traceId, context);
  }
  const { spans, missed, unreadable } = await allSpans(traceId, (request) =>
    within(answerMs, context, (abort) => client.getTrace(request, { signal: abort })),
  );
  if (output.isText) {
    await output.lines(traceTree(spans, output.view, { verbose: flags.verbose === true }));
  } else {
    await output.json(SpanSchema, spans);
  }
  if (missed > 0n) {
    output.say(`${counted(missed, "span")} evicted meanwhile, perhaps of this trace`);
  }
  sayUnreadable(unreadable, "span", output);
  return 0;
}

const idDigits = 32;
/** More candidates are no help. */
const maxNamed = 5;

/** The id of the one trace that begins so, of the newest that are held. */
async function onlyTrace(beginning: string, context: CommandContext): Promise<string> {
  const { items } = await searchAll({ limit: maxCount, after: "" }, context, async (page, abort) => {
    const answer = await context.client.searchTraces(page, { signal: abort });
    return { ...answer, items: answer.traces.map(({ traceId }) => traceId) };
  });
  const found = items.filter((traceId) => traceId.startsWith(beginning));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const named = found.slice(-maxNamed).join(", ");
  throw new Error(
    found.length === 0
      ? `no trace that is held begins with ${beginning}`
      : `${found.length} traces begin with ${beginning}: ${named}${found.length > maxNamed ? ", ..." : ""}`,
  );
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
