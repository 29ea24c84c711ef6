import type { ReadRequestsRequestJson, ReadRequestsResponseJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { contentTypes } from "../../otlp/content-types.ts";
import { wrongField } from "./answer-shape.ts";
import { authorization } from "./authorization.ts";
import { CallError } from "./call.ts";
import { endOfStream, enveloped, envelopes } from "./envelopes.ts";
import { piecesOf } from "./pieces-of.ts";
import { oddAnswer } from "./server-trouble.ts";

/**
 * The requests that hold what matches, as they stream.
 * @throws CallError
 */
export async function* readRequests(
  request: ReadRequestsRequestJson,
  abort: AbortSignal,
): AsyncGenerator<ReadRequestsResponseJson> {
  const response = await fetch("obsvty.v1.QueryService/ReadRequests", {
    method: "POST",
    headers: {
      "content-type": contentTypes.connectStreamJson,
      "connect-protocol-version": "1",
      ...authorization(),
    },
    body: enveloped(JSON.stringify(request)),
    signal: abort,
  });
  if (!response.ok || response.body === null) throw new CallError("unknown", `HTTP ${response.status}`);
  for await (const { flags, text } of envelopes(piecesOf(response.body))) {
    const message = JSON.parse(text) as ReadRequestsResponseJson & {
      error?: { code: string; message?: string };
    };
    if ((flags & endOfStream) === 0) {
      const wrong = wrongField(message, "ReadRequestsResponse");
      if (wrong !== undefined) throw new CallError("unreachable", oddAnswer(wrong).text);
      yield message;
    } else if (message.error !== undefined) {
      throw new CallError(message.error.code, message.error.message ?? message.error.code);
    }
  }
}
