import { type ItemKind, itemSignals, type SignalOf } from "../domain/item-kind.ts";
import type { Signal } from "../domain/signal.ts";

/** What can be exported by itself: items of a kind, or all of a signal whose items are of none. */
export type ExportKind = ItemKind | Exclude<Signal, SignalOf<ItemKind>>;

/** The signal of each, by whose name it is exported, in the order of an export of everything. */
export const exportSignals = { ...itemSignals, profiles: "profiles" } as const satisfies Record<
  ExportKind,
  Signal
>;

export const exportKinds = Object.keys(exportSignals) as ExportKind[];
