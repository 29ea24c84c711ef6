import { ObsvtyError } from "../../src/domain/errors.ts";
import type { Awaiting } from "../../src/use-cases/ingest/awaiting.ts";

/** A caller that waits for ever. */
export const patient: Awaiting = { unwanted: () => undefined };

/** A caller that waits until it leaves. */
export function someCaller(): Awaiting & { leave(): void } {
  let error: ObsvtyError | undefined;
  return {
    unwanted: () => error,
    leave: () => {
      error = new ObsvtyError("cancelled", "the caller went away");
    },
  };
}
