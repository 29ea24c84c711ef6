import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { contentTypes } from "../../../otlp/content-types.ts";
import { sendChunks } from "../responses/send-chunks.ts";

/** Answers with JSON, each chunk of which is made in a turn of the event loop of its own. */
export async function sendInSteps(
  request: FastifyRequest,
  reply: FastifyReply,
  chunks: Iterable<Uint8Array>,
  stallMs: number,
): Promise<void> {
  reply.hijack();
  const rest = inSteps(chunks);
  const headers = { "content-type": contentTypes.json };
  const first = await rest.next();
  const answer = { status: 200, headers, first, rest, trailers: () => undefined, beforeEnd: () => {} };
  await sendChunks(request, reply, answer, stallMs);
}

async function* inSteps(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    yield chunk;
    await nextTurn();
  }
}
