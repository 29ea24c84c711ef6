import type { FastifyInstance } from "fastify";
import type { EncodedItem } from "../../../domain/encoded-item.ts";
import { invalidArgument, ObsvtyError } from "../../../domain/errors.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { FoundTraces } from "../../../use-cases/read/find-traces.ts";
import { otlpSpan, tracesJson } from "./otlp-traces.ts";
import { traceIdOf } from "./parameters.ts";
import { type Make, readRoutes } from "./read-routes.ts";
import { dependenciesOf, operationsOf, servicesOf, withKind } from "./reading.ts";
import { kindOf, serviceNamed } from "./span-tags.ts";
import { summarySpan, v3Summary } from "./trace-summaries.ts";
import { v3DependenciesWindow, v3TracesSearch } from "./v3-query.ts";

/** Jaeger's api_v3 over HTTP, whose answers are protobuf's JSON, and OTLP/JSON of whole traces. */
export function addV3Routes(app: FastifyInstance, core: Core): void {
  const { get, getPieces } = readRoutes(app, core);

  const getTraces = (path: string, make: Make<FoundTraces<EncodedItem>>) =>
    getPieces(path, async (...call) => {
      const { traces } = await make(...call);
      if (traces.length === 0) throw new ObsvtyError("not-found", "no traces found");
      return resultChunks(traces);
    });

  get("/api/v3/services", async (_parameters, reading) => ({ services: await servicesOf(core, reading) }));

  get("/api/v3/operations", async (parameters, reading) => {
    const service = parameters.text("service")?.value;
    if (service === undefined) throw invalidArgument("service", "is required");
    const kind = kindOf(parameters.text("spanKind", "span_kind"));
    return { operations: (await operationsOf(core, serviceNamed(service), kind, reading)).map(withKind) };
  });

  getTraces("/api/v3/traces", (parameters, reading) =>
    core.reader.findTraces({ ...v3TracesSearch(parameters), ...reading }, otlpSpan),
  );

  // The times of a request for one trace help Jaeger's storage to find it.
  getTraces("/api/v3/traces/:traceID", (_parameters, reading, request) => {
    const { traceID } = request.params as { traceID: string };
    return core.reader.readTraces([traceIdOf(traceID, "trace_id")], reading, otlpSpan);
  });

  get("/api/v3/trace-summaries", async (parameters, reading) => {
    const query = { ...v3TracesSearch(parameters), ...reading };
    const { traces } = await core.reader.findTraces(query, summarySpan);
    return { summaries: traces.map((trace) => inJson(v3Summary(trace))) };
  });

  get("/api/v3/dependencies", async (parameters, reading) => {
    const dependencies = await dependenciesOf(core, v3DependenciesWindow(parameters), reading);
    return {
      dependencies: dependencies.map((dependency) => ({
        ...dependency,
        callCount: String(dependency.callCount),
      })),
    };
  });
}

/** As grpc-gateway wraps the messages of a stream. */
function* resultChunks(traces: FoundTraces<EncodedItem>["traces"]): Generator<Uint8Array> {
  yield Buffer.from('{"result":');
  yield* tracesJson(traces);
  yield Buffer.from("}");
}

/** 64-bit integers are strings in protobuf's JSON. */
function inJson(summary: ReturnType<typeof v3Summary>): object {
  return {
    ...summary,
    minStartTimeUnixNano: String(summary.minStartTimeUnixNano),
    maxEndTimeUnixNano: String(summary.maxEndTimeUnixNano),
  };
}
