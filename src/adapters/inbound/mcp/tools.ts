import { TraceSummarySchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { itemSchemas } from "../../../api/item-schemas.ts";
import { invalidArgument } from "../../../domain/errors.ts";
import { parseSpanId, parseTraceId } from "../../../domain/ids.ts";
import { type ItemKind, itemKinds } from "../../../domain/item-kind.ts";
import { metricFunctions } from "../../../domain/metric-function.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { WaitInVain } from "../../../use-cases/read/wait-for.ts";
import { itemMessages, traceMessages } from "../query-api/item-messages.ts";
import type { ArgumentSchema } from "./argument-check.ts";
import { metricOverTime } from "./metric-tool.ts";
import { overview, overviewArguments } from "./overview.ts";
import {
  type Arguments,
  filterArguments,
  filterOfArguments,
  text,
  withoutArgument,
  withoutOfArguments,
} from "./tool-arguments.ts";
import { type ToolCall, ToolFailure } from "./tool-call.ts";
import { durationText, inLine, itemLine, linesOf, shownLine } from "./tool-text.ts";

export interface Tool {
  readonly name: string;
  readonly description: string;
  /** The JSON schema of its arguments. */
  readonly input: ArgumentSchema;
  readonly run: (args: Arguments, call: ToolCall) => Promise<string>;
}

function inputOf(
  properties: Readonly<Record<string, ArgumentSchema>>,
  required: readonly string[] = [],
): ArgumentSchema {
  const max_tokens = { type: "integer", minimum: 500, maximum: 25_000, description: "default 8000" } as const;
  return { type: "object", properties: { ...properties, max_tokens }, required, additionalProperties: false };
}

const paging = {
  limit: { type: "integer", minimum: 1, maximum: 1_000, description: "default 20" },
  before: { ...text, description: "cursor of an earlier answer: items that arrived before it" },
  after: { ...text, description: "cursor: items that arrived after it, the oldest first" },
} as const;
const defaultLimit = 20;
/** What stands around the items of an answer. */
const envelopeBytes = 500;
/** Clients give up after 60 s. */
const maxWaitSeconds = 50;
const defaultWaitSeconds = 30;

export const tools: readonly Tool[] = [
  {
    name: "overview",
    description:
      "What is held: services, the commonest operations with errors and durations, metrics, and a cursor of now. Call it first.",
    input: inputOf(overviewArguments),
    run: overview,
  },
  {
    name: "search_traces",
    description: "One line for each trace of which a span matches all arguments; the newest last.",
    input: inputOf({ ...filterArguments.spans, without: withoutArgument, ...paging }),
    run: async (args, { core, share, abort, maxBytes }) => {
      const toMessage = traceMessages(core.reader);
      const filter = await filterOfArguments("spans", args);
      const query = { ...pageOf(args), filter, without: await withoutOfArguments(args), share, abort };
      const page = await core.reader.searchTraces({ ...query, maxBytes, envelopeBytes }, (trace) =>
        shownLine(itemLine(TraceSummarySchema, toMessage(trace))),
      );
      return pageText("traces", page, args);
    },
  },
  {
    name: "trace_outline",
    description:
      "The tree of a trace: each span with duration, own time and time on the critical path. Of a large trace the spans " +
      "nearest to the root.",
    input: inputOf({ trace_id: text }, ["trace_id"]),
    run: async (args, { core, share, abort, maxBytes }) => {
      const traceId = parseTraceId(String(args.trace_id), "trace_id");
      const query = { share, abort, maxBytes, envelopeBytes };
      const outline = await core.reader.traceOutline(traceId, query, ({ span, depth, self, critical }) => {
        const took = Number(span.endUnixNano - span.startUnixNano);
        const failed = span.statusCode === statusCodeError ? " ERROR" : "";
        // A tree that is very deep would be made of spaces.
        const indent = depth > 20 ? `(depth ${depth}) ` : "  ".repeat(depth);
        const times = `${durationText(Math.max(took, 0))} self ${durationText(Number(self))} critical ${durationText(Number(critical))}`;
        return shownLine(
          `${indent}${inLine(span.name)} [${inLine(span.service)}]${failed} ${times} ${span.spanId}`,
        );
      });
      const { spans, spanCount, errorCount, leftOut } = outline;
      return linesOf([
        `trace ${traceId}: ${spanCount} spans, ${errorCount} errors`,
        ...spans,
        leftOut > 0 &&
          `${leftOut} spans further from the root are left out: raise max_tokens, or search with span_details and min_duration or status_code`,
      ]);
    },
  },
  {
    name: "span_details",
    description:
      "Spans with all attributes, events and links: some of one trace by span_ids, or those that match the arguments.",
    input: inputOf({
      ...filterArguments.spans,
      ...paging,
      span_ids: { type: "array", items: text, maxItems: 100, description: "needs trace_id" },
    }),
    run: async (args, call) => {
      const { core, share, abort, maxBytes } = call;
      const { span_ids: spanIds } = args;
      if (!Array.isArray(spanIds)) return searchText("spans", args, call);
      if (args.trace_id === undefined) throw invalidArgument("trace_id", "is required with span_ids");
      refuseOthers(args, ["trace_id"], "with span_ids");
      const traceId = parseTraceId(String(args.trace_id), "trace_id");
      const wanted = new Set(spanIds.map((id, i) => parseSpanId(String(id), `span_ids[${i}]`)));
      const { after } = pageOf(args);
      const query = { spanIds: wanted, share, abort, maxBytes, envelopeBytes, after };
      const { items, cursor } = await core.reader.getTrace(traceId, query, showOf("spans", call));
      const left = wanted.size - items.length;
      return linesOf([
        ...items,
        left > 0 && `${left} of these spans are not held or did not fit; go on with after: ${cursor}`,
      ]);
    },
  },
  {
    name: "search_logs",
    description: "Log records that match all arguments; the newest last.",
    input: inputOf({ ...filterArguments.logs, ...paging }),
    run: (args, call) => searchText("logs", args, call),
  },
  {
    name: "query_metrics",
    description:
      "A metric over time: values of gauges, rates of counters, percentiles of histograms. Times are in UTC. overview has " +
      "the names.",
    input: inputOf(
      {
        ...filterArguments.metrics,
        function: { enum: metricFunctions, description: "default: what fits the type" },
        step: { ...text, description: "such as 10s; default: a 300th of the time" },
        group_by: {
          type: "array",
          items: text,
          maxItems: 4,
          description: "service, or attributes as KEY or attributes.KEY; default: each series",
        },
        limit: { type: "integer", minimum: 1, maximum: 100, description: "series, default 10" },
      },
      ["name"],
    ),
    run: metricOverTime,
  },
  {
    name: "wait_for",
    description:
      "Waits until enough items match, those held already included unless after is given; at most 50 s. Otherwise it says " +
      "what the nearest item failed on.",
    input: inputOf(
      {
        kind: { enum: itemKinds },
        ...filterArguments.metrics,
        ...filterArguments.logs,
        ...filterArguments.spans,
        after: paging.after,
        min_count: { type: "integer", minimum: 1, maximum: 1_000, description: "default 1" },
        timeout_seconds: { type: "number", minimum: 0, maximum: maxWaitSeconds, description: "default 30" },
      },
      ["kind"],
    ),
    run: (args, call) => waitText(args.kind as ItemKind, args, call),
  },
];

const allFilters = new Set(Object.values(filterArguments).flatMap((filters) => Object.keys(filters)));

/** To pass a filter over would answer with more than was asked for. */
function refuseOthers(args: Arguments, taken: readonly string[], where: string): void {
  const other = Object.keys(args).find((name) => allFilters.has(name) && !taken.includes(name));
  if (other !== undefined) throw invalidArgument(other, `is not taken ${where}`);
}

function pageOf({ limit = defaultLimit, before, after }: Arguments) {
  return {
    limit: Number(limit),
    ...(typeof before === "string" && { before }),
    ...(typeof after === "string" && { after }),
  };
}

function showOf<Kind extends ItemKind>(kind: Kind, { core }: ToolCall) {
  const toMessage = itemMessages(core.reader, kind);
  const schema: (typeof itemSchemas)[ItemKind] = itemSchemas[kind];
  return (item: Parameters<typeof toMessage>[0]) =>
    shownLine(itemLine(schema, toMessage(item) as never, ["resource"]));
}

async function searchText<Kind extends ItemKind>(
  kind: Kind,
  args: Arguments,
  call: ToolCall,
): Promise<string> {
  const { core, share, abort, maxBytes } = call;
  const query = {
    ...pageOf(args),
    filter: await filterOfArguments(kind, args),
    share,
    abort,
    maxBytes,
    envelopeBytes,
  };
  const page = await core.reader.search<Kind, string>(kind, query, showOf(kind, call));
  return pageText(kind, page, args);
}

interface PageEnds {
  readonly items: readonly string[];
  readonly cursor: string;
  readonly previous: string;
  readonly missed: number;
}

function pageText(what: string, { items, cursor, previous, missed }: PageEnds, args: Arguments): string {
  return linesOf([
    `${items.length} ${what}${items.length === 0 ? " match" : ", the newest last:"}`,
    ...items,
    args.after === undefined &&
      previous !== "" &&
      `there may be older ones: before: ${previous} (a filter or a smaller limit makes answers shorter)`,
    missed > 0 && `${missed} items were evicted before they could be read`,
    `newer ones, as they arrive: after: ${cursor}`,
  ]);
}

async function waitText<Kind extends ItemKind>(kind: Kind, args: Arguments, call: ToolCall): Promise<string> {
  const { core, share, abort, maxBytes, client } = call;
  const { min_count: minCount = 1, timeout_seconds: seconds = defaultWaitSeconds } = args;
  refuseOthers(args, Object.keys(filterArguments[kind]), `with kind ${kind}`);
  const { after } = pageOf(args);
  const query = {
    filter: await filterOfArguments(kind, args),
    minCount: Number(minCount),
    timeoutMs: Number(seconds) * 1_000,
    share,
    abort,
    maxBytes,
    envelopeBytes,
    client,
    after,
  };
  const found = core.reader.waitFor<Kind, string>(kind, query, showOf(kind, call));
  const { items, matched, cursor } = await found.catch(async (reason) => {
    if (!(reason instanceof WaitInVain) || reason.behindNearest === undefined) throw reason;
    const nearest = { before: reason.behindNearest, limit: 1, share, abort, maxBytes, envelopeBytes };
    const page = await core.reader.search<Kind, string>(kind, nearest, showOf(kind, call));
    throw new ToolFailure(linesOf([`${reason.message}; it is:`, ...page.items]));
  });
  const left = matched - items.length;
  return linesOf([
    `${matched} ${kind} matched`,
    ...items,
    left > 0 && `${left} of them did not fit`,
    `what comes after: after: ${cursor}`,
  ]);
}
