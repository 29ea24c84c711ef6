import type { DescFile } from "@bufbuild/protobuf";
import { Code, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { file_google_rpc_error_details } from "../../../../gen/google/rpc/error_details_pb.ts";
import * as v1 from "../../../../gen/grpc/reflection/v1/reflection_pb.ts";
import * as v1alpha from "../../../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { EventLoopTurns } from "../../../use-cases/event-loop-turns.ts";
import { orAbort } from "../../../use-cases/or-abort.ts";
import { servedServices } from "../connect/served-services.ts";
import { DescriptorIndex, withImports } from "./descriptor-index.ts";

/** The two versions differ in their names alone. */
type Request = v1.ServerReflectionRequest | v1alpha.ServerReflectionRequest;

/** The services on the router and the .proto files that describe them. */
interface Described {
  readonly services: readonly string[];
  readonly index: DescriptorIndex;
}

/** `grpc.reflection.v1.ServerReflection` and `v1alpha`: describe the services on the router. */
export function registerReflectionService(router: ConnectRouter): void {
  let described: Described | undefined;
  const turns = new EventLoopTurns();
  const reflect = <R extends Request>(requests: AsyncIterable<R>, { signal: abort }: HandlerContext) => {
    described ??= describe(router);
    return answers(requests, described, turns, abort);
  };
  router.service(v1.ServerReflection, { serverReflectionInfo: reflect });
  router.service(v1alpha.ServerReflection, { serverReflectionInfo: reflect });
}

/** It is called for the first request: by then every service is on the router. */
function describe(router: ConnectRouter): Described {
  const services = servedServices(router);
  const files = services.map(({ file }) => file);
  return {
    services: services.map(({ typeName }) => typeName),
    // Errors carry these messages, but no service mentions them.
    index: new DescriptorIndex([...files, file_google_rpc_error_details]),
  };
}

async function* answers<R extends Request>(
  requests: AsyncIterable<R>,
  described: Described,
  turns: EventLoopTurns,
  abort: AbortSignal,
) {
  const sent = new Set<DescFile>();
  let isFirst = true;
  for await (const request of untilAborted(requests, abort)) {
    // A client may send thousands of requests at once, on many streams.
    if (!isFirst) await turns.next();
    isFirst = false;
    yield {
      validHost: request.host,
      originalRequest: request,
      messageResponse: answer(request.messageRequest, described, sent),
    };
  }
}

/** @param sent the files already sent on this stream; the files of this answer are added */
function answer(asked: Request["messageRequest"], { services, index }: Described, sent: Set<DescFile>) {
  switch (asked.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map((name) => ({ name })) },
      } as const;
    case "fileByFilename":
      return fileAnswer(index, index.fileOf(asked.value), sent) ?? notFound(`file not found: ${asked.value}`);
    case "fileContainingSymbol":
      return (
        fileAnswer(index, index.fileDeclaring(asked.value), sent) ??
        notFound(`symbol not found: ${asked.value}`)
      );
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = asked.value;
      return (
        fileAnswer(index, index.fileExtending(containingType, extensionNumber), sent) ??
        notFound(`extension not found: ${extensionNumber} of ${containingType}`)
      );
    }
    case "allExtensionNumbersOfType":
      return index.fileDeclaring(asked.value) === undefined
        ? notFound(`type not found: ${asked.value}`)
        : ({
            case: "allExtensionNumbersResponse",
            value: { baseTypeName: asked.value, extensionNumber: index.extensionNumbers(asked.value) },
          } as const);
    default:
      return errorAnswer(Code.InvalidArgument, "message_request: not set, or unknown to this server");
  }
}

/** The file, even if it was sent before, and those of its imports that were not. */
function fileAnswer(index: DescriptorIndex, file: DescFile | undefined, sent: Set<DescFile>) {
  if (file === undefined) return undefined;
  const files = [...withImports(file)].filter((candidate) => candidate === file || !sent.has(candidate));
  for (const each of files) sent.add(each);
  const fileDescriptorProto = files.map((each) => index.encode(each));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } } as const;
}

function notFound(errorMessage: string) {
  return errorAnswer(Code.NotFound, errorMessage);
}

/** An error inside the stream, which goes on. */
function errorAnswer(errorCode: Code, errorMessage: string) {
  return { case: "errorResponse", value: { errorCode, errorMessage } } as const;
}

/** Ends at the abort even while the caller is silent, so that an open stream does not delay the stop. */
async function* untilAborted<T>(items: AsyncIterable<T>, abort: AbortSignal): AsyncIterable<T> {
  abort.throwIfAborted();
  const iterator = items[Symbol.asyncIterator]();
  for (;;) {
    const next = await orAbort(iterator.next(), abort);
    if (next.done === true) return;
    yield next.value;
  }
}
