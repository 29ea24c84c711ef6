import type { ObsvtyError } from "../../../domain/errors.ts";
import type { Caller } from "../caller/caller.ts";
import type { AccessClass } from "./access-class.ts";

/**
 * Decides whether a request is served: undefined when it is, otherwise the refusal. Called once for each
 * request of every protocol, before its body is read.
 */
export type Admit = (
  caller: Caller,
  access: AccessClass,
) => Promise<ObsvtyError | undefined> | ObsvtyError | undefined;
