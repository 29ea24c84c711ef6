import { ObsvtyError } from "../../../domain/errors.ts";
import { COMPRESSED_FLAG, PREFIX_BYTES, writePrefix } from "../../../otlp/message-prefix.ts";
import { type Body, byteAt, dropBytes } from "./body.ts";

/** The length that the prefix declares, once the prefix has arrived. */
export function declaredLength(body: Body): number | undefined {
  if (body.byteLength < PREFIX_BYTES) return undefined;
  return byteAt(body, 1) * 2 ** 24 + (byteAt(body, 2) << 16) + (byteAt(body, 3) << 8) + byteAt(body, 4);
}

/**
 * Takes the one message out of a whole request body.
 * @throws ObsvtyError `unknown-method` for no message or several (gRPC status codes: a cardinality violation is
 * UNIMPLEMENTED), `protocol-error` for a broken prefix
 */
export function takeMessage(body: Body): { readonly compressed: boolean; readonly message: Body } {
  if (body.byteLength === 0) {
    throw new ObsvtyError("unknown-method", "a unary call needs one message, got none");
  }
  const length = declaredLength(body);
  if (length === undefined || body.byteLength < PREFIX_BYTES + length) {
    throw new ObsvtyError("protocol-error", "the body ends inside of a message");
  }
  if (body.byteLength > PREFIX_BYTES + length) throw moreThanOneMessage();
  const flags = byteAt(body, 0);
  if (flags > COMPRESSED_FLAG) throw new ObsvtyError("protocol-error", `unknown message flags ${flags}`);
  return { compressed: flags === COMPRESSED_FLAG, message: dropBytes(body, PREFIX_BYTES) };
}

/** Refusal of a unary call whose body goes on after its first message. */
export function moreThanOneMessage(): ObsvtyError {
  return new ObsvtyError("unknown-method", "a unary call takes one message, got more");
}

/** A message with its prefix, uncompressed. */
export function frameMessage(message: Uint8Array, flags = 0): Buffer {
  const frame = Buffer.alloc(PREFIX_BYTES + message.byteLength);
  writePrefix(frame, message.byteLength, flags);
  frame.set(message, PREFIX_BYTES);
  return frame;
}
