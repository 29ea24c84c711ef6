import type { FastifyError } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { type ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import { replyWithError } from "./error-reply.ts";

/** Answers every error that a route throws, or that Fastify finds before the route. */
export const errorsPlugin = fastifyPlugin(
  (app, _options, done) => {
    app.setErrorHandler<FastifyError>((error, request, reply) => {
      replyWithError(request, reply, fromFastify(error));
    });
    done();
  },
  { name: "errors", dependencies: ["core"] },
);

/** Translates Fastify's own refusals. An ObsvtyError stays as it is; anything else is an internal error. */
export function fromFastify(error: unknown): ObsvtyError {
  const { code, statusCode = 500 } = error as Partial<FastifyError>;
  const known = codeByFastifyCode[code ?? ""];
  if (known !== undefined) {
    return new ObsvtyError(known.code, known.message, { cause: error });
  }
  if (error instanceof ObsvtyError || statusCode < 400 || statusCode >= 500) {
    return ObsvtyError.from(error);
  }
  // Fastify's message is left out: a parser's message may quote the content.
  return new ObsvtyError("invalid-argument", "the request is malformed", { cause: error });
}

const codeByFastifyCode: Readonly<Record<string, { code: ErrorCode; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: "too-large",
    message: "the body is larger than MAX_RECEIVE_MESSAGE_LENGTH",
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: "unsupported-media-type",
    message: "this content type is not supported here",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: "protocol-error",
    message: "the length of the body differs from content-length",
  },
  FST_ERR_BAD_URL: { code: "invalid-argument", message: "the path is not valid" },
};
