import type { HandlerContext } from "@connectrpc/connect";
import type { Core } from "../../../use-cases/core.ts";
import type { AnswerShare } from "../../../use-cases/read/answer-memory.ts";
import { callOf } from "../connect/call.ts";
import { hasLeft } from "../listener/request.ts";

/**
 * Makes an answer with a share of the memory for answers. The share is released when the answer has been sent
 * or its caller has gone away; at once when the answer cannot be made.
 */
export async function withAnswerShare<Answer>(
  { answers }: Pick<Core, "answers">,
  { values }: Pick<HandlerContext, "values">,
  make: (share: AnswerShare) => Promise<Answer> | Answer,
): Promise<Answer> {
  const share = answers.open();
  const call = callOf({ contextValues: values });
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
