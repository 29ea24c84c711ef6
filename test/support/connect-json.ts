import { type ConnectRouter, createConnectRouter, createContextValues } from "@connectrpc/connect";
import { allowEncodedList } from "../../src/adapters/inbound/api/list-answer.ts";
import { connectErrorOf } from "../../src/adapters/inbound/responses/connect-error.ts";
import { ObsvtyError } from "../../src/domain/errors.ts";

/** A caller with curl: `call("SearchSpans", '{"limit":1}')`, without any server. */
export type CallJson = (method: string, body: unknown) => Promise<{ status: number; body: unknown }>;

/** @param body a JSON value, or a string that is sent as it is */
export function createJsonCaller(service: string, register: (router: ConnectRouter) => void): CallJson {
  const router = createConnectRouter({
    interceptors: [
      (next) => async (request) => {
        try {
          return await next(request);
        } catch (reason) {
          throw connectErrorOf(ObsvtyError.from(reason));
        }
      },
    ],
  });
  register(router);
  return async (method, body) => {
    const requestPath = `/${service}/${method}`;
    const handler = router.handlers.find((candidate) => candidate.requestPath === requestPath);
    if (handler === undefined) throw new Error(`no handler for ${requestPath}`);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await allowEncodedList(() =>
      handler({
        httpVersion: "1.1",
        method: "POST",
        url: `http://localhost${requestPath}`,
        header: new Headers({ "content-type": "application/json" }),
        body: bytesOf(text),
        signal: new AbortController().signal,
        contextValues: createContextValues(),
      }),
    );
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body ?? []) chunks.push(chunk);
    return { status: response.status, body: JSON.parse(Buffer.concat(chunks).toString()) };
  };
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}
