import type { HandlerContext } from "@connectrpc/connect";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ObsvtyError } from "../../../domain/errors.ts";
import { readLimits } from "../../../domain/read-limits.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { AnswerShare } from "../../../use-cases/read/answer-memory.ts";
import { withShareUntilSent } from "../api/answer-share.ts";
import { callOf } from "../connect/call.ts";
import { kindName, shownService } from "./span-tags.ts";

/** What every reading of the use cases needs. */
export interface Reading {
  readonly share: AnswerShare;
  readonly abort: AbortSignal;
  readonly maxBytes: number;
}

/** Jaeger's clients read any length; this keeps an answer to a part of the memory for all of them. */
const maxAnswerBytes = 16 * 2 ** 20;

/** Reads for a request, and stops when its caller goes away. */
export function readFor<Answer>(
  { answers }: Pick<Core, "answers">,
  request: FastifyRequest,
  reply: FastifyReply,
  make: (reading: Reading) => Promise<Answer>,
): Promise<Answer> {
  const left = new AbortController();
  const leave = () => left.abort(new ObsvtyError("cancelled", "the caller has gone away"));
  reply.raw.once("close", leave);
  return withShareUntilSent(answers, { request, reply }, (share) =>
    make({ share, abort: left.signal, maxBytes: maxAnswerBytes }),
  );
}

const maxNames = readLimits.services.max;

/** The services that have spans, by name. */
export async function servicesOf({ reader }: Pick<Core, "reader">, reading: Reading): Promise<string[]> {
  const { services } = await reader.services({ ...reading, limit: maxNames }, ({ name, items }) => ({
    value: items.traces > 0 ? shownService(name) : undefined,
    byteLength: Buffer.byteLength(name) + 3,
  }));
  return services.filter((name) => name !== undefined);
}

export interface Operation {
  readonly name: string;
  /** In Jaeger's words; "" when the spans have none. */
  readonly spanKind: string;
}

/**
 * The names and kinds of the spans of a service, by name.
 * @param kind only spans of this kind
 */
export async function operationsOf(
  { reader }: Pick<Core, "reader">,
  service: string,
  kind: number | undefined,
  reading: Reading,
): Promise<Operation[]> {
  const query = {
    ...reading,
    filter: { service, ...(kind !== undefined && { kind }) },
    groupBy: [{ field: "name" }, { field: "kind" }] as const,
    limit: maxNames,
  };
  const { groups } = await reader.summarizeSpans(query, ({ values: [name = "", of = 0] }) => ({
    value: { name: String(name), spanKind: kindName(Number(of)) },
    byteLength: Buffer.byteLength(String(name)) + 40,
  }));
  return groups.toSorted((a, b) => compare(a.name, b.name) || compare(a.spanKind, b.spanKind));
}

/** In api_v3 every operation has a kind. One that is not set means internal (trace.proto, SPAN_KIND_UNSPECIFIED). */
export function withKind({ name, spanKind }: Operation): Operation {
  return { name, spanKind: spanKind || "internal" };
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

export interface TimeWindow {
  readonly sinceUnixNano: bigint | undefined;
  /** Exclusive. */
  readonly untilUnixNano: bigint | undefined;
}

/** Calls from one service to another. */
export interface Dependency {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
}

/** Which service calls which, in a time. Peers that send no spans are among them. */
export async function dependenciesOf(
  { reader }: Pick<Core, "reader">,
  { sinceUnixNano, untilUnixNano }: TimeWindow,
  reading: Reading,
): Promise<Dependency[]> {
  const filter = {
    ...(sinceUnixNano !== undefined && { sinceUnixNano }),
    ...(untilUnixNano !== undefined && { untilUnixNano }),
  };
  const query = { ...reading, filter, limit: maxNames };
  const { calls } = await reader.serviceGraph(query, ({ caller, callee, calls }) => ({
    value: { parent: shownService(caller), child: shownService(callee), callCount: calls },
    byteLength: Buffer.byteLength(caller) + Buffer.byteLength(callee) + 64,
  }));
  // A service and a peer of the same name are one to Jaeger, and so are messages and other calls.
  const byPair = new Map<string, Dependency>();
  for (const one of calls) {
    const key = JSON.stringify([one.parent, one.child]);
    byPair.set(key, { ...one, callCount: one.callCount + (byPair.get(key)?.callCount ?? 0) });
  }
  return [...byPair.values()];
}

/** Reads for a unary call of Connect's. */
export function readForCall<Answer>(
  { answers }: Pick<Core, "answers">,
  { values, signal }: Pick<HandlerContext, "values" | "signal">,
  make: (reading: Reading) => Promise<Answer>,
): Promise<Answer> {
  const { default: maxBytes } = readLimits.maxBytes;
  return withShareUntilSent(answers, callOf({ contextValues: values }), (share) =>
    make({ share, abort: signal, maxBytes }),
  );
}

/** Reads for a stream of Connect's, and gives back the memory when it ends. */
export async function* readForStream<Message>(
  { answers }: Pick<Core, "answers">,
  { signal }: Pick<HandlerContext, "signal">,
  make: (reading: Reading) => AsyncGenerator<Message>,
): AsyncGenerator<Message> {
  const share = answers.open();
  // A call that is aborted while its caller does not read may never be resumed.
  const release = () => share.release();
  signal.addEventListener("abort", release);
  try {
    yield* make({ share, abort: signal, maxBytes: maxAnswerBytes });
  } finally {
    signal.removeEventListener("abort", release);
    release();
  }
}
