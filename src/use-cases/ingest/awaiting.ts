import type { ObsvtyError } from "../../domain/errors.ts";

/** The caller of an export. Work that had to wait asks it before it goes on. */
export interface Awaiting {
  /**
   * Why the caller does not wait for its answer any more: `cancelled` or `deadline-passed`. Undefined while it waits.
   */
  unwanted(): ObsvtyError | undefined;
}

/** @throws ObsvtyError why the caller does not wait any more */
export function throwIfUnwanted(caller: Awaiting): void {
  const error = caller.unwanted();
  if (error !== undefined) throw error;
}
