import type { ItemKind } from "../domain/item-kind.ts";
import type { Signal } from "../domain/signal.ts";

/** What commands are about, by the name that help shows. */
type What = Signal | ItemKind;

/** The one of each: people who guess a name leave the plural out. */
const singulars = {
  traces: "trace",
  spans: "span",
  logs: "log",
  metrics: "metric",
  profiles: "profile",
} as const satisfies Record<What, string>;

/** Other names that a command takes, where traces are one thing and spans another. */
export function aliasesOf(what: What): string[] {
  return [singulars[what]];
}

/** Other names that a command takes where traces and spans are the same. */
export function aliasesOfItems(what: What): string[] {
  const same: Partial<Record<What, What>> = { traces: "spans", spans: "traces" };
  const other = same[what];
  return [...aliasesOf(what), ...(other === undefined ? [] : [other, ...aliasesOf(other)])];
}
