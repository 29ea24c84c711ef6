import type { FilterBySignal } from "./filter.ts";
import type { LogRecord, MetricPoint, Span } from "./telemetry.ts";

/**
 * The kinds of items that a reader can ask for: the signal that carries them and how an item is shown.
 * A new kind begins with a row here, and the compiler asks for its row in every table by kind.
 */
export interface ItemKinds {
  readonly spans: { readonly signal: "traces"; readonly item: Span };
  readonly logs: { readonly signal: "logs"; readonly item: LogRecord };
  readonly metrics: { readonly signal: "metrics"; readonly item: MetricPoint };
}

export type ItemKind = keyof ItemKinds;
export type SignalOf<Kind extends ItemKind> = ItemKinds[Kind]["signal"];
export type ItemOf<Kind extends ItemKind> = ItemKinds[Kind]["item"];
export type FilterOf<Kind extends ItemKind> = FilterBySignal[SignalOf<Kind>];

/** The signal that carries each kind of items. */
export const itemSignals: { readonly [Kind in ItemKind]: SignalOf<Kind> } = {
  spans: "traces",
  logs: "logs",
  metrics: "metrics",
};

export const itemKinds = Object.keys(itemSignals) as readonly ItemKind[];
