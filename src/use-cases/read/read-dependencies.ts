import { invalidArgument } from "../../domain/errors.ts";
import type { Signal } from "../../domain/signal.ts";
import type { TelemetryStore } from "../../ports/telemetry-store.ts";
import type { EventLoopTurns } from "../event-loop-turns.ts";
import type { AnswerMemory } from "./answer-memory.ts";
import type { ClearedRanges } from "./cleared-ranges.ts";
import type { Cursors } from "./cursor.ts";
import type { UnreadableItems } from "./unreadable-items.ts";
import type { WalkPace } from "./walk-pace.ts";

/** What every way of reading needs. */
export interface ReadDependencies {
  readonly store: TelemetryStore;
  readonly cursors: Cursors;
  readonly cleared: Readonly<Record<Signal, ClearedRanges>>;
  readonly pace: WalkPace;
  readonly turns: EventLoopTurns;
  readonly unreadable: UnreadableItems;
  readonly answers: AnswerMemory;
  readonly nowUnixNano: () => bigint;
}

/**
 * Ordinal of the first item after a cursor. The item may have been evicted, or may not have arrived yet.
 * @param field what the caller calls the cursor
 * @throws ObsvtyError invalid-argument that names the field
 */
export function ordinalOf(
  { store, cursors }: ReadDependencies,
  signal: Signal,
  field: "after" | "before" | "cursor",
  cursor: string,
): number {
  const ordinal = cursors.decode(cursor, signal, field);
  if (ordinal > store.range(signal).next) {
    throw invalidArgument(field, "the cursor is not of this server");
  }
  return ordinal;
}
