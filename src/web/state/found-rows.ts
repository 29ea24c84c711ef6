/*
 * The find of a list: the browser's own cannot see the rows that are not drawn. It looks at all that is loaded.
 */

/** What is known of an item, in lower case. Rows are looked at again whenever others come. */
const texts = new WeakMap<object, string>();

function textOf(item: object): string {
  let text = texts.get(item);
  if (text === undefined) {
    // Nobody sees the cursor.
    text = JSON.stringify(item, (key, value) => (key === "cursor" ? undefined : value)).toLowerCase();
    texts.set(item, text);
  }
  return text;
}

/** The indices of the items that have a text in them, in any case, ascending. @param text "" finds nothing */
export function foundRows(items: readonly object[], text: string): readonly number[] {
  if (text === "") return [];
  // As it stands in JSON: a quotation mark has a backslash before it.
  const wanted = JSON.stringify(text).slice(1, -1).toLowerCase();
  return items.flatMap((item, index) => (textOf(item).includes(wanted) ? [index] : []));
}

/** The row that was found next after one, or before it; the first or the last when there is none; -1 for nothing found. */
export function nextFound(found: readonly number[], from: number, step: 1 | -1): number {
  const next = step === 1 ? found.find((index) => index > from) : found.findLast((index) => index < from);
  return next ?? found.at(step === 1 ? 0 : -1) ?? -1;
}
