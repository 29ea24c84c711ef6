import { invalidArgument } from "../../domain/errors.ts";
import { type Signal, signals } from "../../domain/signal.ts";

/** The ordinal of the first item after the cursor, for some signals. */
export type Ordinals = Partial<Readonly<Record<Signal, number>>>;

/** Makes and reads cursors: ordinals made opaque. A cursor means "everything after here". */
export interface Cursors {
  /** Makes a cursor, which is URL-safe. */
  encode(ordinals: Ordinals): string;
  /**
   * The ordinal that a cursor holds for a signal.
   * @param field what the caller calls the argument, for the message
   * @throws ObsvtyError invalid-argument when it is malformed, from another run, or without that signal
   */
  decode(cursor: string, signal: Signal, field: string): number;
}

const runIdPattern = /^[A-Za-z0-9_-]{1,32}$/;
const ordinalPattern = /^(?:0|[1-9][0-9]{0,15})?$/;

/**
 * A cursor is base64url of "run.traces.logs.metrics.profiles", with nothing between the dots where it
 * holds no ordinal. Ordinals belong to a run of a store (`TelemetryStore.runId`), so a cursor names its run.
 * @param runId 1 to 32 of A-Z a-z 0-9 _ -
 */
export function createCursors(runId: string): Cursors {
  if (!runIdPattern.test(runId)) {
    throw new Error(`a run id does not look like ${JSON.stringify(runId)}`);
  }
  return {
    encode(ordinals) {
      const parts = [runId, ...signals.map((signal) => ordinals[signal] ?? "")];
      return Buffer.from(parts.join("."), "latin1").toString("base64url");
    },
    decode(cursor, signal, field) {
      const [cursorRunId, ...ordinals] = parse(cursor, field);
      if (cursorRunId !== runId) {
        throw invalidArgument(field, "the cursor is from an earlier run of the server");
      }
      const ordinal = ordinals[signals.indexOf(signal)];
      if (ordinal === undefined || ordinal === "") {
        throw invalidArgument(field, `the cursor is not one of ${signal}`);
      }
      return Number(ordinal);
    },
  };
}

function parse(cursor: string, field: string): string[] {
  const parts = Buffer.from(cursor, "base64url").toString("latin1").split(".");
  const [runId, ...ordinals] = parts;
  const isWellFormed =
    runIdPattern.test(runId ?? "") &&
    ordinals.length === signals.length &&
    ordinals.every((ordinal) => ordinalPattern.test(ordinal)) &&
    // The decoder skips characters that are not base64url.
    Buffer.from(parts.join("."), "latin1").toString("base64url") === cursor;
  if (!isWellFormed) {
    throw invalidArgument(field, "not a cursor");
  }
  return parts;
}
