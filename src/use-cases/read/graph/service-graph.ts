import type { SpanFilter } from "../../../domain/filter.ts";
import { statusCodeError } from "../../../domain/telemetry.ts";
import { decodeSpanCalls, type SpanCalls } from "../../../otlp/decode/span-calls.ts";
import { durationNano } from "../../filter/filter-fields.ts";
import { isForAll, planOf } from "../../filter/item-plan.ts";
import type { Show } from "../answer-page.ts";
import { forEachInSteps } from "../in-steps.ts";
import { ItemReading } from "../item-reading.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { showInSteps } from "../show-in-steps.ts";
import { sortInSteps } from "../sort-in-steps.ts";
import { walkOrdinals, walkViews } from "../walk.ts";
import { byCalls, byName, GraphBuilder, type ServiceCalls } from "./graph-builder.ts";
import { Names } from "./names.ts";
import { bytesOfSpan, IdHasher, SpanTable } from "./span-table.ts";

export interface GraphQuery extends Omit<AnswerQuery, "after"> {
  /** Calls of which the span of either side matches. @default all calls */
  readonly filter?: SpanFilter;
  /** Pairs of services, at most. @default `readLimits.limit` */
  readonly limit?: number;
}

export interface ServiceGraph<Value> {
  /** The most frequent first. */
  readonly calls: readonly Value[];
  /** The services of the spans that match, by name, with how many such spans they have. */
  readonly services: readonly { readonly name: string; readonly spanCount: number }[];
  /** Pairs of services that are left out, and the calls between them. */
  readonly leftOut: { readonly pairs: number; readonly calls: number };
  /** The oldest spans, which were not looked at. */
  readonly notLookedAt: number;
  readonly cursor: string;
  readonly unreadable: number;
}

/** No more spans, the newest, are looked at. */
const maxSpans = 1_000_000;
const maxServicesShown = 1_000;
const bytesOfPair = 2_048;

/**
 * Which service calls which, by parents, and where those tell nothing, by links.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function serviceGraph<Value>(
  dependencies: ReadDependencies,
  query: GraphQuery,
  show: Show<ServiceCalls, Value>,
): Promise<ServiceGraph<Value>> {
  const { filter = {}, share, abort } = query;
  const bounds = boundsOf(query);
  const { store } = dependencies;
  const plan = planOf("spans", filter);
  const { signal } = plan;
  const { first, next: to } = store.range(signal);
  const from = Math.max(first, to - maxSpans);
  const size = to - from;
  share.take(size * bytesOfSpan);
  const table = new SpanTable(size);
  const names = new Names();
  const links = new Map<number, readonly number[]>();
  const graph = new GraphBuilder(table, names);
  const reading = new ItemReading(dependencies, plan);
  const isForEverySpan = isForAll(filter);

  const linkedHashes = await noteSpans();
  if (!isForEverySpan) await noteWanted();
  await forEachInSteps(dependencies, linkedHashes, abort, ([index, hashes]) => {
    const found = hashes.map((hash) => table.find(hash)).filter((linked) => linked >= 0 && linked !== index);
    if (found.length > 0) links.set(index, found);
    return true;
  });
  await eachSpan((index) => graph.addCalled(index, links.get(index) ?? []));
  await eachSpan((index) => graph.addUnanswered(index));

  const services = (await sortInSteps(dependencies, graph.services(), byName, abort)).slice(
    0,
    maxServicesShown,
  );
  const envelopeBytes = services.reduce((sum, { name }) => sum + bytesOfService(name), bounds.envelopeBytes);
  share.take(envelopeBytes);
  const pairs = await sortInSteps(dependencies, graph.pairs(), byCalls, abort);
  share.take(pairs.length * bytesOfPair);
  const shown = await showInSteps(dependencies, pairs, { ...bounds, envelopeBytes }, abort, (pair) =>
    show(graph.show(pair)),
  );
  const left = pairs.slice(shown.length);
  return {
    calls: shown,
    services,
    leftOut: {
      pairs: left.length,
      calls: left.reduce((sum, { calls }) => sum + calls, graph.givenUp),
    },
    notLookedAt: from - first,
    cursor: dependencies.cursors.encode({ [signal]: to }),
    unreadable: reading.unreadable,
  };

  /** @returns the hashes that spans link to, by the index of the span */
  async function noteSpans() {
    const hasher = new IdHasher();
    const linked: [number, ReturnType<IdHasher["of"]>[]][] = [];
    let linkCount = 0;
    await walkViews(dependencies, { signal, from, to, order: "oldest", abort }, (encoded) => {
      const span = reading.attempt(encoded.ordinal, () => decodeSpanCalls(encoded));
      if (span === undefined) return true;
      const index = encoded.ordinal - from;
      table.add(index, noted(span, hasher));
      if (isForEverySpan) table.setWanted(index);
      if (span.links.length > 0 && linkCount < maxSpans) {
        linkCount += span.links.length;
        linked.push([index, span.links.map((link) => hasher.of(link.traceIdBytes, link.spanIdBytes))]);
      }
      return true;
    });
    return linked;
  }

  async function noteWanted() {
    const request = { signal, filter: plan.filter, from, to, order: "oldest", abort } as const;
    await walkOrdinals(dependencies, request, (ordinal) => {
      const span = reading.read(ordinal);
      if (span !== undefined && reading.matches(span)) table.setWanted(ordinal - from);
      return true;
    });
  }

  async function eachSpan(visit: (index: number) => void) {
    await forEachInSteps(dependencies, blocks(size), abort, ([start, end]) => {
      for (let index = start; index < end; index++) if (table.isThere(index)) visit(index);
      return true;
    });
  }

  function noted(span: SpanCalls, hasher: IdHasher) {
    const { traceIdBytes, spanIdBytes, parentIdBytes, kind, statusCode, service, peer } = span;
    const nano = durationNano(span);
    return {
      id: hasher.of(traceIdBytes, spanIdBytes),
      parent: parentIdBytes.byteLength === 0 ? undefined : hasher.of(traceIdBytes, parentIdBytes),
      kind,
      hasFailed: statusCode === statusCodeError,
      durationNano: nano === undefined ? undefined : Number(nano),
      service: names.indexOf(service),
      peer: peer === "" ? 0 : names.indexOf(peer),
    };
  }
}

/** What a service takes in an answer as JSON, which is longer than the binary form. */
function bytesOfService(name: string): number {
  return Buffer.byteLength(JSON.stringify({ name, spanCount: maxSpans }));
}

const blockLength = 256;

function* blocks(size: number): Generator<[number, number], void, undefined> {
  for (let start = 0; start < size; start += blockLength) yield [start, Math.min(size, start + blockLength)];
}
