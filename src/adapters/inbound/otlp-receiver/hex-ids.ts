import { ObsvtyError } from "../../../domain/errors.ts";
import { type Signal, signalTraits } from "../../../domain/signal.ts";

/** How long an id becomes when its hex digits are read as base64: 32 and 16 digits, three bytes for each four. */
const misreadLengths: Readonly<Record<string, number>> = { traceId: 24, spanId: 12, parentSpanId: 12 };

/**
 * Refuses a request that came in protobuf's own JSON with hex ids. There bytes are base64, which hex digits
 * happen to be too, so that they decode without an error to something else.
 * @throws ObsvtyError `not-the-message`
 */
export function refuseHexIds(signal: Signal, message: object): void {
  const id = findMisread(message);
  if (id !== undefined) {
    throw new ObsvtyError(
      "not-the-message",
      `${id} has ${misreadLengths[id]} bytes, as hex read as base64 has: protobuf's JSON is spoken here, ` +
        `OTLP/JSON with hex ids goes to ${signalTraits[signal].httpPath}`,
    );
  }
}

/** The name of the first such id, at any depth. */
function findMisread(value: object): string | undefined {
  for (const [key, member] of Object.entries(value)) {
    if (member instanceof Uint8Array) {
      if (misreadLengths[key] === member.byteLength) return key;
    } else if (typeof member === "object" && member !== null) {
      const found = findMisread(member);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
