import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { createMethodUrl, type UniversalHandler } from "@connectrpc/connect/protocol";
import { answered, type Call, callOf } from "./call.ts";

/** A method that reads and answers the HTTP request behind a call by itself. */
export interface RawMethod {
  /** Whether calls of this `content-type` are served; others are refused before. */
  readonly supports: (contentType: string) => boolean;
  /** Takes over the request and its reply. */
  readonly serve: (call: Pick<Call, "request" | "reply">) => void;
}

const rawMethods = new WeakMap<UniversalHandler, RawMethod>();

/** Puts a method on the router that Connect finds and does not decode. */
export function addRawMethod(router: ConnectRouter, method: DescMethodUnary, rawMethod: RawMethod): void {
  const { supports, serve } = rawMethod;
  const handler: UniversalHandler = Object.assign(
    async (request: Parameters<UniversalHandler>[0]) => {
      const call = callOf(request);
      if (call === undefined) throw new Error("a call without its HTTP request");
      serve(call);
      throw answered();
    },
    {
      service: method.parent,
      method,
      requestPath: createMethodUrl("/", method),
      protocolNames: ["connect", "grpc-web", "grpc"],
      allowedMethods: ["POST"],
      supportedContentType: Object.assign((type: string | null) => supports(type ?? ""), { supported: [] }),
    },
  );
  rawMethods.set(handler, rawMethod);
  router.handlers.push(handler);
}

/** Undefined for a handler that Connect's library made. */
export function rawMethodOf(handler: UniversalHandler): RawMethod | undefined {
  return rawMethods.get(handler);
}
