import type { FlagValues } from "./filter-flags.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The cursor of `--after`; "" when the flag is not given. An empty cursor is refused: the API reads it as "not
 * set", so a script that lost its cursor would read the same items again.
 */
export function cursorFlag({ after }: FlagValues): string {
  if (after === "") {
    throw new UsageError("--after: must not be empty");
  }
  return (after as string | undefined) ?? "";
}
