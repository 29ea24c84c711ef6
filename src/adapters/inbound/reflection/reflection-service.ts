import type { DescFile } from "@bufbuild/protobuf";
import { Code, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { file_google_rpc_error_details } from "../../../../gen/google/rpc/error_details_pb.ts";
import * as v1 from "../../../../gen/grpc/reflection/v1/reflection_pb.ts";
import * as v1alpha from "../../../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { servedServices } from "../connect/served-services.ts";
import { DescriptorIndex, withImports } from "./descriptor-index.ts";

/** The two differ in their names alone. */
type Request = v1.ServerReflectionRequest | v1alpha.ServerReflectionRequest;

/** What is served, by name, and what describes it. */
interface Described {
  readonly services: readonly string[];
  readonly index: DescriptorIndex;
}

/** `grpc.reflection.v1.ServerReflection` and `v1alpha`: describes whatever is on the router. */
export function registerReflectionService(router: ConnectRouter): void {
  let described: Described | undefined;
  const reflect = <R extends Request>(requests: AsyncIterable<R>, { signal }: HandlerContext) => {
    described ??= describe(router);
    return answers(requests, described, signal);
  };
  router.service(v1.ServerReflection, { serverReflectionInfo: reflect });
  router.service(v1alpha.ServerReflection, { serverReflectionInfo: reflect });
}

/** When the first caller asks: by then all is on the router. */
function describe(router: ConnectRouter): Described {
  const services = servedServices(router);
  const files = services.map(({ file }) => file);
  return {
    services: services.map(({ typeName }) => typeName),
    // No service mentions what errors carry.
    index: new DescriptorIndex([...files, file_google_rpc_error_details]),
  };
}

async function* answers<R extends Request>(
  requests: AsyncIterable<R>,
  described: Described,
  signal: AbortSignal,
) {
  const sent = new Set<DescFile>();
  for await (const request of untilAborted(requests, signal)) {
    yield {
      validHost: request.host,
      originalRequest: request,
      messageResponse: answer(request.messageRequest, described, sent),
    };
  }
}

/** @param sent the files that were sent on this stream before; those that are sent now are added */
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
      return errorAnswer(Code.InvalidArgument, "message_request: must be one that is known here");
  }
}

/** The file, even when it was sent before, and what it imports that was not. */
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

/** Within the stream, which goes on. */
function errorAnswer(errorCode: Code, errorMessage: string) {
  return { case: "errorResponse", value: { errorCode, errorMessage } } as const;
}

/** A caller may keep its stream open without asking anything more, but not a stopping server waiting. */
async function* untilAborted<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
  const iterator = items[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([iterator.next(), aborted.promise]);
    if (next.done === true) return;
    yield next.value;
  }
}
