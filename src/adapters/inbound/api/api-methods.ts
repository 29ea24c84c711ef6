import type { DescMethod } from "@bufbuild/protobuf";
import type { ConnectRouter, MethodImpl } from "@connectrpc/connect";
import { apiJsonOptions } from "./request-json.ts";

/** Puts one method of our own API on the router. */
export type AddApiMethod = <Method extends DescMethod>(
  method: Method,
  implementation: MethodImpl<Method>,
) => void;

/** Methods of our own API read and write JSON more strictly than OTLP's do: see `apiJsonOptions`. */
export function apiMethodsOf(router: ConnectRouter): AddApiMethod {
  return (method, implementation) => {
    router.rpc(method, implementation, { jsonOptions: apiJsonOptions(method.input) });
  };
}
