import { UsageError } from "./usage-error.ts";

/** What `obsvty trace` takes, in help and messages. */
export const traceIdForm = "32 hex digits, or the first 4 or more of them";

/** A trace id or its beginning, which may be as short as git takes it of its ids. */
const idOrBeginning = /^[0-9a-f]{4,32}$/i;

/** @throws UsageError when the text neither is a trace id nor the beginning of one */
export function checkTraceId(text: string): void {
  if (!idOrBeginning.test(text)) {
    throw new UsageError(`<id>: a trace id is ${traceIdForm}`);
  }
}
