import { ObsvtyError } from "../../domain/errors.ts";
import type { Signal } from "../../domain/signal.ts";
import type { TelemetryStore } from "../../ports/telemetry-store.ts";
import type { ClearedRanges } from "./cleared-ranges.ts";
import type { Cursors } from "./cursor.ts";
import type { EventLoopTurns } from "./event-loop-turns.ts";
import type { WalkPace } from "./walk-pace.ts";

/** What every way of reading needs. */
export interface ReadDependencies {
  readonly store: TelemetryStore;
  readonly cursors: Cursors;
  readonly cleared: Readonly<Record<Signal, ClearedRanges>>;
  readonly pace: WalkPace;
  readonly turns: EventLoopTurns;
}

/**
 * Ordinal of the first item after a cursor. The item may have been evicted, or may not have arrived yet.
 * @throws ObsvtyError invalid-argument that names `after`
 */
export function ordinalAfter({ store, cursors }: ReadDependencies, signal: Signal, after: string): number {
  const ordinal = cursors.decode(after, signal, "after");
  if (ordinal > store.range(signal).next) {
    throw new ObsvtyError("invalid-argument", "after: the cursor is not of this server");
  }
  return ordinal;
}
