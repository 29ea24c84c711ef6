/** What an item takes beside its texts, about. */
const ofEach = 16;

/** Items of the API do not change. */
const weights = new WeakMap<object, number>();

/** How much memory an item takes, in characters, about. */
function weightOf(item: object): number {
  let weight = weights.get(item);
  if (weight === undefined) {
    weight = 0;
    const open: unknown[] = [item];
    while (open.length > 0) {
      const value = open.pop();
      weight += typeof value === "string" ? value.length + ofEach : ofEach;
      if (typeof value !== "object" || value === null) continue;
      // One by one: a call takes no more than some ten thousand arguments.
      for (const [key, of] of Object.entries(value)) open.push(key, of);
    }
    weights.set(item, weight);
  }
  return weight;
}

/** How many items at the end of a list are together no heavier than this: one at least. */
export function lastWithin(items: readonly object[], mostWeight: number): number {
  let weight = 0;
  let count = 0;
  for (let index = items.length - 1; index >= 0; index--) {
    weight += weightOf(items[index]!);
    if (weight > mostWeight && count > 0) break;
    count++;
  }
  return count;
}

export function isHeavier(items: readonly object[], than: number): boolean {
  return items.reduce((weight, item) => weight + weightOf(item), 0) > than;
}
