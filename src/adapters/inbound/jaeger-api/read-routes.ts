import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../../config/config.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import type { Core } from "../../../use-cases/core.ts";
import { Parameters } from "./parameters.ts";
import { type Reading, readFor } from "./reading.ts";
import { sendInSteps } from "./send-in-steps.ts";

/** Makes an answer of the parameters of a request. */
export type Make<Answer> = (
  parameters: Parameters,
  reading: Reading,
  request: FastifyRequest,
) => Promise<Answer>;

/** Adds routes that read and answer in JSON: `get` with an object, `getPieces` with pieces of text that are sent in steps. */
export function readRoutes(app: FastifyInstance, core: Core) {
  const { requestTimeoutMs } = app.getDecorator<Config>("config");

  const read = <Answer>(request: FastifyRequest, reply: FastifyReply, make: Make<Answer>) =>
    readFor(core, request, reply, (reading) => make(new Parameters(request.url), reading, request));

  return {
    get: (path: string, make: Make<object>) => {
      app.get(path, async (request: FastifyRequest, reply: FastifyReply) =>
        reply.type(contentTypes.json).send(await read(request, reply, make)),
      );
    },
    getPieces: (path: string, make: Make<Iterable<Uint8Array>>) => {
      app.get(path, async (request: FastifyRequest, reply: FastifyReply) =>
        sendInSteps(request, reply, await read(request, reply, make), requestTimeoutMs),
      );
    },
  };
}
