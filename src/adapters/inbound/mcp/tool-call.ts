import type { Core } from "../../../use-cases/core.ts";
import type { AnswerShare } from "../../../use-cases/read/answer-memory.ts";

export interface ToolCall {
  readonly core: Core;
  readonly share: AnswerShare;
  readonly abort: AbortSignal;
  /** The client whose waits are counted. */
  readonly client: string | undefined;
  /** Bytes of the answer, at most. */
  readonly maxBytes: number;
}

/** A call in vain. Unlike an error its message is an answer, which may tell of items, and is logged nowhere. */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
}
