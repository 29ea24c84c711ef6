import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { accessClassOf } from "../adapters/inbound/access-class.ts";
import { pathOf } from "../adapters/inbound/caller-protocol.ts";
import { replyWithError } from "../adapters/inbound/error-reply.ts";
import { type ErrorCode, ObsvtyError } from "../domain/errors.ts";
import type { Lifecycle } from "../use-cases/lifecycle.ts";

/**
 * Everything that goes wrong before, in or beside a route ends here, as does what has no route. After
 * `rate-limit`, so that unknown paths are counted before they are refused.
 */
export const errorsPlugin = fastifyPlugin(
  (app, _options, done) => {
    const lifecycle = app.getDecorator<Lifecycle>("lifecycle");
    const methodsByPath = new Map<string, Set<string>>();

    app.addHook("onRoute", (route) => {
      const methods = methodsByPath.get(route.url) ?? new Set();
      methodsByPath.set(route.url, methods.union(new Set([route.method].flat())));
    });
    const refuseUnknown = (request: FastifyRequest, reply: FastifyReply) => {
      const methods = methodsByPath.get(pathOf(request));
      if (methods === undefined) {
        replyWithError(request, reply, new ObsvtyError("unknown-method", "no such method or path"));
      } else {
        reply.header("allow", [...methods].join(", "));
        replyWithError(request, reply, new ObsvtyError("method-not-allowed", "the HTTP method is wrong"));
      }
    };

    // Not left to the not-found handler, which runs only when the body has been read and parsed.
    app.addHook("onRequest", (request, reply, next) => {
      if (request.is404) {
        refuseUnknown(request, reply);
      } else if (lifecycle.stopping && accessClassOf(pathOf(request)) !== "open") {
        replyWithError(request, reply, lifecycle.signal.reason);
      } else {
        next();
      }
    });
    app.setNotFoundHandler(refuseUnknown);
    app.setErrorHandler<FastifyError>((error, request, reply) => {
      replyWithError(request, reply, fromFastify(error));
    });
    done();
  },
  { name: "errors", dependencies: ["core"] },
);

/** Fastify's own refusals in our terms; anything else is ours already, or our fault. */
export function fromFastify(error: unknown): ObsvtyError {
  const { code, statusCode = 500 } = error as Partial<FastifyError>;
  const known = codeByFastifyCode[code ?? ""];
  if (known !== undefined) {
    return new ObsvtyError(known.code, known.message, { cause: error });
  }
  if (error instanceof ObsvtyError || statusCode < 400 || statusCode >= 500) {
    return ObsvtyError.from(error);
  }
  // Not Fastify's message: a parser's may quote what was sent.
  return new ObsvtyError("invalid-argument", "the request is malformed", { cause: error });
}

const codeByFastifyCode: Readonly<Record<string, { code: ErrorCode; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "too-large", message: "the request is larger than the server takes" },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: "unsupported-media-type",
    message: "nothing here takes this content type",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: "protocol-error",
    message: "the body is not as long as content-length says",
  },
  FST_ERR_BAD_URL: { code: "invalid-argument", message: "the path is not valid" },
};
