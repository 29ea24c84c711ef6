import type { Zone } from "../format/time.ts";
import { itemText } from "./item-text.ts";

/*
 * The find of a list: the browser's own cannot see the rows that are not drawn. It looks at all that is loaded.
 */

/** The indices of the items that have a text in them, in any case, ascending. @param text "" finds nothing @param zone of the times that are shown */
export function foundRows(items: readonly object[], text: string, zone: Zone): readonly number[] {
  if (text === "") return [];
  const wanted = text.toLowerCase();
  return items.flatMap((item, index) => (itemText(item, zone).includes(wanted) ? [index] : []));
}

/** The row that was found next after one, or before it; the first or the last when there is none; -1 for nothing found. */
export function nextFound(found: readonly number[], from: number, step: 1 | -1): number {
  const next = step === 1 ? found.find((index) => index > from) : found.findLast((index) => index < from);
  return next ?? found.at(step === 1 ? 0 : -1) ?? -1;
}
