import type { ObsvtyError } from "../../../domain/errors.ts";
import type { Caller } from "../caller/caller.ts";
import type { AccessClass } from "./access-class.ts";

/**
 * Whether a request is served: undefined when it is, else why not. Asked once for each request, before its
 * body is read, whichever way it came in.
 */
export type Admit = (
  caller: Caller,
  access: AccessClass,
) => Promise<ObsvtyError | undefined> | ObsvtyError | undefined;
