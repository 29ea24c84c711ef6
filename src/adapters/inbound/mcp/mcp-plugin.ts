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
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(contentTypes.json, { parseAs: "string" }, (_request, body, parsed) =>
    parsed(null, body),
  );
  app.addHook("onRequest", refuseForeignPages(isForeignByOrigin));
  app.addHook("onRequest", (request, _reply, next) => {
    timers.set(
      request,
      setTimeout(() => request.raw.destroy(), requestTimeoutMs),
    );
    next();
  });
  app.addHook("preValidation", (request, _reply, next) => {
    clearTimeout(timers.get(request));
    next();
  });
  app.addHook("onError", (request, _reply, _error, next) => {
    clearTimeout(timers.get(request));
    next();
  });
  app.addHook("onRequestAbort", (request, next) => {
    clearTimeout(timers.get(request));
    next();
  });

  app.post("/mcp", { bodyLimit: maxRequestBytes }, async (request: FastifyRequest, reply: FastifyReply) => {
    const { answerMcp } = await import("./mcp-answer.ts");
    const left = new AbortController();
    reply.raw.once("close", () => left.abort(new ObsvtyError("cancelled", "the caller has gone away")));
    const abort = AbortSignal.any([left.signal, lifecycle.abort]);
    const answer = await withShareUntilSent(core.answers, { request, reply }, (share) => {
      const client = callerOf(request).peer.clientKey;
      return answerMcp(webRequest(request, abort), { core, share, abort, client });
    });
    for (const [name, value] of answer.headers) reply.header(name, value);
    const { body } = answer;
    return reply
      .status(answer.status)
      .send(body === null ? null : Readable.fromWeb(body as ReadableStream<Uint8Array>));
  });
  done();
};

function webRequest({ headers, body }: FastifyRequest, signal: AbortSignal): Request {
  // HTTP/2 has its own fields, such as ":path", and a name more than once is a list.
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(":") || value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const text = typeof body === "string" ? body : "";
  return new Request("http://localhost/mcp", { method: "POST", headers: fields, body: text, signal });
}
