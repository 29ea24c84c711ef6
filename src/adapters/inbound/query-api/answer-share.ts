import type { HandlerContext } from "@connectrpc/connect";
import type { Core } from "../../../use-cases/core.ts";
import type { AnswerShare } from "../../../use-cases/read/answer-memory.ts";
import { withShareUntilSent } from "../api/answer-share.ts";
import { callOf } from "../connect/call.ts";

/** Makes the answer of a method of Connect's: see `withShareUntilSent`. */
export function withAnswerShare<Answer>(
  { answers }: Pick<Core, "answers">,
  { values }: Pick<HandlerContext, "values">,
  make: (share: AnswerShare) => Promise<Answer> | Answer,
): Promise<Answer> {
  return withShareUntilSent(answers, callOf({ contextValues: values }), make);
}
