import { countOf, numberText } from "../../format/value.ts";
import type { SpanNode } from "./span-nodes.ts";
import type { WentHow } from "./trace-watch.ts";

/** What became of spans that are shown. */
export interface Went {
  /** So many are not held any more. */
  readonly lost: number;
  /** So many have come and are not shown. */
  readonly added: number;
  readonly how: WentHow;
}

/** How many spans of a trace that was read are not in the same trace as it was read later. */
export function lostSpans(shown: readonly SpanNode[], later: readonly SpanNode[]): number {
  const held = new Set(later.map(({ key }) => key));
  return shown.filter(({ key }) => !held.has(key)).length;
}

/** @param shown how many spans are shown */
export function wentText({ lost, added, how }: Went, shown: number): string {
  const held = shown - lost + added;
  const all = shown === 1 ? "The span" : `All ${countOf(shown, "span")}`;
  const which = lost >= shown ? all : `${numberText(lost)} of the ${countOf(shown, "span")}`;
  const [were, they] = lost === 1 ? ["was", "It stays"] : ["were", "They stay"];
  const more =
    added > 0 ? ` ${countOf(added, "span")} came since and ${added === 1 ? "is" : "are"} not shown.` : "";
  const found = held === 0 ? "nothing" : `only the ${countOf(held, "span")} that the server holds`;
  return (
    `${which} shown here ${were} ${how} while the trace was open. ${they} here until the view is left.${more}` +
    ` Links to this trace, its download and its curl command find ${found}.`
  );
}
