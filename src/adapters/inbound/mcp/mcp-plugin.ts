import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../../config/config.ts";
import { ObsvtyError } from "../../../domain/errors.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { Lifecycle } from "../../../use-cases/lifecycle.ts";
import { isForeignByOrigin, refuseForeignPages } from "../admission/foreign-pages.ts";
import { withShareUntilSent } from "../api/answer-share.ts";
import type { ReadingResources } from "../body/body-reader.ts";
import { readWholeBody } from "../body/whole-body.ts";
import { callerOf } from "../caller/caller.ts";

/** A request names a tool and its arguments. */
const maxRequestBytes = 65_536;

/**
 * The Model Context Protocol over HTTP, without sessions. It is guarded as all reading is. What answers is loaded at
 * the first call, because most servers are never asked.
 */
export const mcpPlugin: FastifyPluginCallback = (app, _options, done) => {
  const core = app.getDecorator<Core>("core");
  const { requestTimeoutMs } = app.getDecorator<Config>("config");
  const lifecycle = app.getDecorator<Lifecycle>("lifecycle");
  const bodies = app.getDecorator<ReadingResources>("bodies");

  app.removeAllContentTypeParsers();
  // Bodies are read below.
  app.addContentTypeParser(contentTypes.json, (_request, _payload, parsed) => parsed(null));
  app.addHook("onRequest", refuseForeignPages(isForeignByOrigin));

  app.post("/mcp", async (request: FastifyRequest, reply: FastifyReply) => {
    const left = new AbortController();
    const answered = new Promise<void>((resolve) => {
      reply.raw.once("close", () => {
        left.abort(new ObsvtyError("cancelled", "the caller has gone away"));
        resolve();
      });
    });
    const bounds = { maxBytes: maxRequestBytes, timeoutMs: requestTimeoutMs, answered };
    const body = await readWholeBody(request.raw, bodies, bounds);
    const { answerMcp } = await import("./mcp-answer.ts");
    const abort = AbortSignal.any([left.signal, lifecycle.abort]);
    const answer = await withShareUntilSent(core.answers, { request, reply }, (share) => {
      const client = callerOf(request).peer.clientKey;
      return answerMcp(webRequest(request, body, abort), { core, share, abort, client });
    });
    for (const [name, value] of answer.headers) reply.header(name, value);
    const answerBody = answer.body as ReadableStream<Uint8Array> | null;
    return reply.status(answer.status).send(answerBody === null ? null : Readable.fromWeb(answerBody));
  });
  done();
};

function webRequest({ headers }: FastifyRequest, body: Uint8Array, signal: AbortSignal): Request {
  // HTTP/2 has its own fields, such as ":path", and a name more than once is a list.
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(":") || value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const text = Buffer.from(body).toString();
  return new Request("http://localhost/mcp", { method: "POST", headers: fields, body: text, signal });
}
