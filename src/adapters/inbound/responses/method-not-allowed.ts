import type { FastifyReply } from "fastify";
import { ObsvtyError } from "../../../domain/errors.ts";

/** Refuses the HTTP method of a request, and names the right ones, for programs in `allow` (RFC 9110, 15.5.6). */
export function methodNotAllowed(reply: FastifyReply, path: string, methods: readonly string[]): ObsvtyError {
  reply.header("allow", methods.join(", "));
  return new ObsvtyError("method-not-allowed", `${path} takes ${methods.join(" or ")}`);
}
