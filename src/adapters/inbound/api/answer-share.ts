import type { FastifyReply, FastifyRequest } from "fastify";
import type { AnswerMemory, AnswerShare } from "../../../use-cases/read/answer-memory.ts";
import { hasLeft } from "../listener/request.ts";

/**
 * Makes an answer with a share of the memory for answers. The share is released when the answer has been sent
 * or its caller has gone away; at once when the answer cannot be made.
 * @param call that is answered; undefined where no server is around the handler
 */
export async function withShareUntilSent<Answer>(
  answers: AnswerMemory,
  call: { readonly request: FastifyRequest; readonly reply: FastifyReply } | undefined,
  make: (share: AnswerShare) => Promise<Answer> | Answer,
): Promise<Answer> {
  const share = answers.open();
  const release = () => share.release();
  call?.reply.raw.once("close", release);
  try {
    const answer = await make(share);
    if (call === undefined || hasLeft(call.request)) release();
    return answer;
  } catch (reason) {
    release();
    throw reason;
  }
}
