import { setTimeout as sleep } from "node:timers/promises";
import { create, type FileRegistry, type Message } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { type Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { ConnectRegistrar } from "../../src/adapters/inbound/connect/plugin.ts";
import { messageOf, serviceOf } from "./registry.ts";

/*
 * `connectrpc.conformance.v1.ConformanceService`: answers as its requests say, and tells what it received. Its
 * comments in `service.proto` are the specification. The messages are made from descriptors at run time, so
 * the fields that are used are described here.
 */

interface Header {
  readonly name: string;
  readonly value: readonly string[];
}

interface ErrorDefinition {
  readonly code: Code;
  readonly message?: string;
  readonly details: readonly Any[];
}

interface Definition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
}

interface UnaryDefinition extends Definition {
  readonly response:
    | { readonly case: "responseData"; readonly value: Uint8Array }
    | { readonly case: "error"; readonly value: ErrorDefinition }
    | { readonly case: undefined; readonly value?: undefined };
}

interface StreamDefinition extends Definition {
  readonly responseData: readonly Uint8Array[];
  readonly error?: ErrorDefinition;
}

interface UnaryRequest extends Message {
  readonly responseDefinition?: UnaryDefinition;
}

interface StreamRequest extends Message {
  readonly responseDefinition?: StreamDefinition;
  /** Of BidiStream alone. */
  readonly fullDuplex?: boolean;
}

interface Payload {
  readonly data?: Uint8Array;
  readonly requestInfo?: Message;
}

export function conformanceRegistrar(registry: FileRegistry): ConnectRegistrar {
  const service = serviceOf(registry, "ConformanceService");
  const methods = new ConformanceMethods(registry);
  const implementation = {
    unary: (request: UnaryRequest, context: HandlerContext) => methods.unary([request], context),
    idempotentUnary: (request: UnaryRequest, context: HandlerContext) => methods.unary([request], context),
    clientStream: async (requests: AsyncIterable<UnaryRequest>, context: HandlerContext) =>
      methods.unary(await allOf(requests), context),
    serverStream: (request: StreamRequest, context: HandlerContext) =>
      methods.afterAllRequests([request], context),
    bidiStream: (requests: AsyncIterable<StreamRequest>, context: HandlerContext) =>
      methods.bidiStream(requests, context),
  };
  // JSON of google.protobuf.Any needs the types that it may hold.
  return (router) =>
    router.service(service, implementation as unknown as Partial<ServiceImpl<typeof service>>, {
      jsonOptions: { registry },
    });
}

class ConformanceMethods {
  readonly #registry: FileRegistry;

  constructor(registry: FileRegistry) {
    this.#registry = registry;
  }

  async unary(requests: readonly UnaryRequest[], context: HandlerContext): Promise<{ payload: Payload }> {
    const requestInfo = this.#requestInfo(requests, context);
    const definition = requests[0]?.responseDefinition;
    if (definition === undefined) return { payload: { requestInfo } };
    sendMetadata(definition, context);
    await sleep(definition.responseDelayMs);
    const { response } = definition;
    if (response.case === "error") throw this.#error(response.value, requestInfo);
    return { payload: { requestInfo, ...(response.case !== undefined && { data: response.value }) } };
  }

  async *afterAllRequests(
    requests: readonly StreamRequest[],
    context: HandlerContext,
  ): AsyncGenerator<{ payload: Payload }> {
    const definition = requests[0]?.responseDefinition;
    if (definition === undefined) return;
    sendMetadata(definition, context);
    yield* this.#rest(definition, 0, requests, context);
  }

  async *bidiStream(
    requests: AsyncIterable<StreamRequest>,
    context: HandlerContext,
  ): AsyncGenerator<{ payload: Payload }> {
    let definition: StreamDefinition | undefined;
    let unanswered: StreamRequest[] = [];
    let isFullDuplex = false;
    let isFirst = true;
    let sent = 0;
    for await (const request of requests) {
      unanswered.push(request);
      if (isFirst) {
        isFirst = false;
        definition = request.responseDefinition;
        isFullDuplex = request.fullDuplex === true;
        if (definition !== undefined) sendMetadata(definition, context);
      }
      if (!isFullDuplex) continue;
      const data = definition?.responseData[sent];
      if (data === undefined) break;
      const requestInfo = this.#requestInfo(unanswered, sent === 0 ? context : undefined);
      await sleep(definition?.responseDelayMs ?? 0);
      yield { payload: { data, requestInfo } };
      unanswered = [];
      sent++;
    }
    if (definition !== undefined) yield* this.#rest(definition, sent, unanswered, context);
  }

  /** The responses that were not sent yet, then the error, if there is one. */
  async *#rest(
    { responseData, responseDelayMs, error }: StreamDefinition,
    sent: number,
    requests: readonly StreamRequest[],
    context: HandlerContext,
  ): AsyncGenerator<{ payload: Payload }> {
    for (const [index, data] of responseData.slice(sent).entries()) {
      await sleep(responseDelayMs);
      const isFirst = sent + index === 0;
      yield { payload: { data, ...(isFirst && { requestInfo: this.#requestInfo(requests, context) }) } };
    }
    if (error === undefined) return;
    throw this.#error(error, responseData.length === 0 ? this.#requestInfo(requests, context) : undefined);
  }

  /** @param context of the call; its headers and timeout are left out without it */
  #requestInfo(requests: readonly Message[], context: HandlerContext | undefined): Message {
    const timeoutMs = context?.timeoutMs();
    return create(messageOf(this.#registry, "ConformancePayload.RequestInfo"), {
      requests: requests.map((request) => this.#pack(request)),
      ...(context !== undefined && { requestHeaders: headersOf(context.requestHeader) }),
      ...(timeoutMs !== undefined && { timeoutMs: BigInt(Math.round(timeoutMs)) }),
      ...(context?.requestMethod === "GET" && {
        connectGetInfo: { queryParams: headersOf(new URL(context.url).searchParams) },
      }),
    });
  }

  #error({ code, message, details }: ErrorDefinition, requestInfo: Message | undefined): ConnectError {
    const error = new ConnectError(message ?? "", code);
    const all = requestInfo === undefined ? details : [...details, this.#pack(requestInfo)];
    error.details = all.map(({ typeUrl, value }) => ({
      type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
      value,
    }));
    return error;
  }

  #pack(message: Message): Any {
    const name = message.$typeName.slice(message.$typeName.indexOf(".v1.") + ".v1.".length);
    return anyPack(messageOf(this.#registry, name), message);
  }
}

function sendMetadata(
  { responseHeaders, responseTrailers }: Definition,
  { responseHeader, responseTrailer }: HandlerContext,
): void {
  for (const { name, value } of responseHeaders) {
    for (const each of value) responseHeader.append(name, each);
  }
  for (const { name, value } of responseTrailers) {
    for (const each of value) responseTrailer.append(name, each);
  }
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function headersOf(entries: Iterable<readonly [string, string]>): Header[] {
  return Array.from(entries, ([name, value]) => ({ name, value: [value] }));
}
