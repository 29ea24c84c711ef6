import type { FastifyInstance } from "fastify";
import { invalidArgument, ObsvtyError } from "../../../domain/errors.ts";
import type { TraceId } from "../../../domain/ids.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { FoundTraces } from "../../../use-cases/read/find-traces.ts";
import { inBlocks } from "../responses/blocks.ts";
import { traceIdOf } from "./parameters.ts";
import { type Make, readRoutes } from "./read-routes.ts";
import { type Dependency, dependenciesOf, operationsOf, servicesOf } from "./reading.ts";
import { kindOf, serviceNamed } from "./span-tags.ts";
import { uiDependenciesWindow, uiTracesQuery } from "./ui-query.ts";
import { type SpanText, uiSpans, uiTrace } from "./ui-traces.ts";

interface UiError {
  readonly code?: number;
  readonly msg: string;
  readonly traceID?: TraceId;
}

/** The routes of Jaeger's UI, which Grafana's data source calls too. All answers have the same frame. */
export function addUiRoutes(app: FastifyInstance, core: Core): void {
  const { get, getPieces } = readRoutes(app, core);

  const getTraces = (path: string, make: Make<Iterable<Uint8Array>>) =>
    getPieces(path, async (...call) => inBlocks(await make(...call)));

  get("/api/services", async (_parameters, reading) => listAnswer(await servicesOf(core, reading)));

  get("/api/services/:service/operations", async (_parameters, reading, request) => {
    const { service } = request.params as { service: string };
    let operations = await operationsOf(core, serviceNamed(service), undefined, reading);
    // Some clients escape the name twice.
    const unescaped = unescapedAgain(service);
    if (operations.length === 0 && unescaped !== service) {
      operations = await operationsOf(core, serviceNamed(unescaped), undefined, reading);
    }
    return listAnswer([...new Set(operations.map(({ name }) => name))]);
  });

  get("/api/operations", async (parameters, reading) => {
    const service = parameters.text("service")?.value;
    if (service === undefined) throw invalidArgument("service", "is required");
    const kind = kindOf(parameters.text("spanKind"));
    return listAnswer(await operationsOf(core, serviceNamed(service), kind, reading));
  });

  getTraces("/api/traces", async (parameters, reading) => {
    const query = uiTracesQuery(parameters, nowUnixNano());
    if ("traceIds" in query) {
      const found = await core.reader.readTraces(query.traceIds, reading, uiSpans());
      return tracesAnswer(found, missingOf(query.traceIds, found));
    }
    return tracesAnswer(await core.reader.findTraces({ ...query, ...reading }, uiSpans()), []);
  });

  // Grafana sends `start` and `end` in milliseconds where Jaeger reads microseconds, and the id says enough.
  getTraces("/api/traces/:traceID", async (_parameters, reading, request) => {
    const { traceID } = request.params as { traceID: string };
    const found = await core.reader.readTraces([traceIdOf(traceID, "traceID")], reading, uiSpans());
    if (found.traces.length === 0) throw new ObsvtyError("not-found", notFound);
    return tracesAnswer(found, []);
  });

  get("/api/dependencies", async (parameters, reading) => {
    const dependencies = await dependenciesOf(core, uiDependenciesWindow(parameters, nowUnixNano()), reading);
    const service = parameters.text("service")?.value;
    const isWanted = ({ parent, child }: Dependency) =>
      service === undefined || [parent, child].includes(service);
    return listAnswer(dependencies.filter(isWanted));
  });
}

function nowUnixNano(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

const notFound = "trace not found";

function unescapedAgain(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function missingOf(traceIds: readonly TraceId[], { traces, tracesLeftOut }: FoundTraces<unknown>): UiError[] {
  const found = new Set(traces.map(({ traceId }) => traceId));
  const readIds = traceIds.slice(0, traceIds.length - tracesLeftOut);
  return readIds.filter((id) => !found.has(id)).map((traceID) => ({ msg: notFound, traceID }));
}

function listAnswer(data: readonly unknown[]): object {
  return { data, total: data.length, limit: 0, offset: 0, errors: null };
}

function* tracesAnswer(
  { traces, tracesLeftOut }: FoundTraces<SpanText>,
  missing: readonly UiError[],
): Generator<Uint8Array> {
  const left = { msg: `${tracesLeftOut} more traces do not fit into the answer; ask for fewer` };
  const errors = tracesLeftOut === 0 ? missing : [...missing, left];
  yield Buffer.from('{"data":[');
  for (const [i, trace] of traces.entries()) {
    if (i > 0) yield Buffer.from(",");
    yield* uiTrace(trace);
  }
  const rest = { total: traces.length, limit: 0, offset: 0, errors: errors.length === 0 ? null : errors };
  yield Buffer.from(`],${JSON.stringify(rest).slice(1)}`);
}
