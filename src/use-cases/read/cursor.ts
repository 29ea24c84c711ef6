import { ObsvtyError } from "../../domain/errors.ts";
import { type Signal, signals } from "../../domain/signal.ts";

/** For some signals, the ordinal of the first item that comes after the cursor. */
export type Positions = Partial<Readonly<Record<Signal, number>>>;

/** Makes and reads cursors: positions made opaque. A cursor means "everything after here". */
export interface Cursors {
  /** URL-safe. */
  encode(positions: Positions): string;
  /**
   * The position that a cursor holds for a signal.
   * @param field what the caller calls the argument, for the message
   * @throws ObsvtyError invalid-argument when it is malformed, of another run, or without that signal
   */
  decode(cursor: string, signal: Signal, field: string): number;
}

const runIdPattern = /^[A-Za-z0-9_-]{1,32}$/;
const positionPattern = /^(?:0|[1-9][0-9]{0,15})?$/;

/**
 * A cursor is base64url of "run.traces.logs.metrics.profiles", with nothing between the dots where it
 * holds no position. Ordinals start anew with the process, so a cursor says from which run it is.
 * @param runId names this run of the process, 1 to 32 of A-Z a-z 0-9 _ -
 */
export function createCursors(runId: string): Cursors {
  if (!runIdPattern.test(runId)) {
    throw new Error(`a run id does not look like ${JSON.stringify(runId)}`);
  }
  return {
    encode(positions) {
      const parts = [runId, ...signals.map((signal) => positions[signal] ?? "")];
      return Buffer.from(parts.join("."), "latin1").toString("base64url");
    },
    decode(cursor, signal, field) {
      const [cursorRunId, ...positions] = parse(cursor, field);
      if (cursorRunId !== runId) {
        throw new ObsvtyError(
          "invalid-argument",
          `${field}: the cursor is from an earlier run of the server`,
        );
      }
      const position = positions[signals.indexOf(signal)];
      if (position === undefined || position === "") {
        throw new ObsvtyError("invalid-argument", `${field}: the cursor is not one of ${signal}`);
      }
      return Number(position);
    },
  };
}

function parse(cursor: string, field: string): string[] {
  const parts = Buffer.from(cursor, "base64url").toString("latin1").split(".");
  const [runId, ...positions] = parts;
  const isWellFormed =
    runIdPattern.test(runId ?? "") &&
    positions.length === signals.length &&
    positions.every((position) => positionPattern.test(position)) &&
    // The decoder passes over what is not base64url.
    Buffer.from(parts.join("."), "latin1").toString("base64url") === cursor;
  if (!isWellFormed) {
    throw new ObsvtyError("invalid-argument", `${field}: not a cursor`);
  }
  return parts;
}
