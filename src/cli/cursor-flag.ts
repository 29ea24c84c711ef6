import type { FlagValues } from "./filter-flags.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The cursor of `--after`, "" when it is not given. An empty one is a mistake: to the API it means "not set",
 * and a script whose cursor got lost would see what it has seen before.
 */
export function cursorFlag({ after }: FlagValues): string {
  if (after === "") {
    throw new UsageError("--after: must not be empty");
  }
  return (after as string | undefined) ?? "";
}
