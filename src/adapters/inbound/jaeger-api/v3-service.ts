import { setImmediate as nextTurn } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter, HandlerContext } from "@connectrpc/connect";
import * as pb from "../../../../gen/jaeger/api_v3/query_service_pb.ts";
import { type TracesData, TracesDataSchema } from "../../../../gen/opentelemetry/proto/trace/v1/trace_pb.ts";
import type { EncodedItem } from "../../../domain/encoded-item.ts";
import { invalidArgument, ObsvtyError } from "../../../domain/errors.ts";
import { isJson, mediaTypeOf } from "../../../otlp/content-types.ts";
import { readMessage } from "../../../otlp/decode/read-message.ts";
import { WireFields } from "../../../otlp/wire/wire-fields.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { FoundTrace } from "../../../use-cases/read/find-traces.ts";
import { apiMethodsOf } from "../api/api-methods.ts";
import { checkWindow, durationNano, unixNano } from "../api/time-arguments.ts";
import { otlpSpan, partBytes, tracesData } from "./otlp-traces.ts";
import { traceIdOf } from "./parameters.ts";
import {
  dependenciesOf,
  operationsOf,
  readForCall,
  readForStream,
  servicesOf,
  type TimeWindow,
  withKind,
} from "./reading.ts";
import { kindOf, serviceNamed } from "./span-tags.ts";
import { summarySpan, v3Summary } from "./trace-summaries.ts";
import { maxTraces, type TracesSearch, tracesSearch } from "./traces-search.ts";

/** `jaeger.api_v3.QueryService`. */
export function registerJaegerQueryService(router: ConnectRouter, core: Core): void {
  const add = apiMethodsOf(router);
  const { method } = pb.QueryService;

  add(method.getServices, (_request, context) =>
    readForCall(core, context, async (reading) => ({ services: await servicesOf(core, reading) })),
  );

  add(method.getOperations, ({ service, spanKind }, context) => {
    if (service === "") throw invalidArgument("service", "is required");
    const kind = kindOf({ name: "span_kind", value: spanKind });
    return readForCall(core, context, async (reading) => ({
      operations: (await operationsOf(core, serviceNamed(service), kind, reading)).map(withKind),
    }));
  });

  add(method.getDependencies, ({ startTime, endTime }, context) => {
    const window = windowOf(["start_time", startTime], ["end_time", endTime]);
    return readForCall(core, context, async (reading) => {
      const dependencies = await dependenciesOf(core, window, reading);
      return {
        dependencies: dependencies.map((one) => ({ ...one, callCount: BigInt(one.callCount) })),
      };
    });
  });

  add(method.getTrace, async function* ({ traceId }, context) {
    const ids = [traceIdOf(traceId, "trace_id")];
    yield* readForStream(core, context, async function* (reading) {
      const { traces } = await core.reader.readTraces(ids, reading, otlpSpan);
      if (traces.length === 0) throw new ObsvtyError("not-found", "no traces found");
      yield* messagesOf(traces, context);
    });
  });

  add(method.findTraces, async function* ({ query }, context) {
    const search = searchOf(query);
    yield* readForStream(core, context, async function* (reading) {
      const { traces } = await core.reader.findTraces({ ...search, ...reading }, otlpSpan);
      yield* messagesOf(traces, context);
    });
  });

  add(method.findTraceSummaries, async function* ({ query }, context) {
    const search = searchOf(query);
    yield* readForStream(core, context, async function* (reading) {
      const { traces } = await core.reader.findTraces({ ...search, ...reading }, summarySpan);
      for (let at = 0; at < traces.length; at += summariesOfMessage) {
        const summaries = traces.slice(at, at + summariesOfMessage).map((trace) => {
          const { services, ...rest } = v3Summary(trace);
          return { ...rest, services: [...services] };
        });
        yield { summaries };
      }
    });
  });
}

/** A message with so many is far below what clients take. */
const summariesOfMessage = 100;

/** `filter` of TraceQueryParameters, which our definition does not have. */
const FILTER = 10;

function searchOf(query: pb.TraceQueryParameters | undefined): TracesSearch {
  if (query === undefined) throw invalidArgument("query", "is required");
  // To pass it over would answer with more traces than were asked for.
  if (query.$unknown?.some(({ no }) => no === FILTER) === true) {
    throw invalidArgument("query.filter", "is not supported");
  }
  const { serviceName, operationName, attributes, searchDepth } = query;
  if (searchDepth < 0 || searchDepth > maxTraces) {
    throw invalidArgument("query.search_depth", `must be a whole number up to ${maxTraces}`);
  }
  return tracesSearch({
    service: serviceName || undefined,
    operation: operationName || undefined,
    tags: new Map(Object.entries(attributes)),
    minDurationNano: durationNano(query.durationMin, "query.duration_min"),
    maxDurationNano: durationNano(query.durationMax, "query.duration_max"),
    ...windowOf(["query.start_time_min", query.startTimeMin], ["query.start_time_max", query.startTimeMax]),
    limit: searchDepth || undefined,
  });
}

type NamedTime = readonly [field: string, time: Timestamp | undefined];

function windowOf([since, sinceTime]: NamedTime, [until, untilTime]: NamedTime): TimeWindow {
  const sinceUnixNano = unixNano(sinceTime, since);
  const untilUnixNano = unixNano(untilTime, until);
  checkWindow(since, sinceUnixNano, until, untilUnixNano);
  return { sinceUnixNano, untilUnixNano };
}

/**
 * The messages of a stream of traces, each made in a turn of the event loop of its own. No message has spans of two
 * traces.
 */
async function* messagesOf(
  traces: readonly FoundTrace<EncodedItem>[],
  { requestHeader }: Pick<HandlerContext, "requestHeader">,
): AsyncGenerator<TracesData> {
  const inJson = isJson(mediaTypeOf(requestHeader.get("content-type") ?? ""));
  for (const { spans } of traces) {
    for (const part of tracesData(spans)) {
      if (inJson && part.byteLength > 2 * partBytes) throw tooLargeInJson(part.byteLength);
      yield inJson ? readMessage(TracesDataSchema, part) : asItIs(part);
      await nextTurn();
    }
  }
}

/** The library would make objects of all its fields, and JSON of them, in one go. */
function tooLargeInJson(bytes: number): ObsvtyError {
  const message = `a span of ${bytes} bytes is not sent in JSON here: ask in protobuf, or by HTTP at /api/v3/traces`;
  return new ObsvtyError("answers-too-large", message);
}

/** A message that Protobuf-ES writes as these bytes: it writes unknown fields as they are. */
function asItIs(part: Uint8Array): TracesData {
  const message = create(TracesDataSchema);
  const unknown: NonNullable<TracesData["$unknown"]> = [];
  for (const field = new WireFields(part); field.next(); ) {
    // The tag of a field of so low a number is one byte.
    const data = part.subarray(field.tagAt + 1, field.end);
    unknown.push({ no: field.number, wireType: WireType.LengthDelimited, data });
  }
  message.$unknown = unknown;
  return message;
}
