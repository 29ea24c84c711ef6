import type { FastifyError } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { type ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import { replyWithError } from "./error-reply.ts";

/** Everything that goes wrong in or beside a route ends here. */
export const errorsPlugin = fastifyPlugin(
  (app, _options, done) => {
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
