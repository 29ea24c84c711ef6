/** Where an element stands in the array of its bag. */
const placeKey = Symbol("place");

interface Placed {
  [placeKey]?: number | undefined;
}

/**
 * A set without an order, for objects that are added and deleted once in each call. A `Set` of few elements makes its
 * table anew after every few that were added and deleted, and the old tables keep what they hold alive until the old
 * generation of V8's heap is collected. With two such sets, a call over gRPC took 1.13 times the CPU.
 * @template Element is in one bag at the most
 */
export class Bag<Element extends object> {
  readonly #elements: (Element & Placed)[] = [];

  get size(): number {
    return this.#elements.length;
  }

  /** Takes an element that is in no bag. */
  add(element: Element): void {
    const placed: Element & Placed = element;
    placed[placeKey] = this.#elements.length;
    this.#elements.push(placed);
  }

  /** Returns whether the element was there. */
  delete(element: Element): boolean {
    const placed: Element & Placed = element;
    const place = placed[placeKey];
    if (place === undefined) return false;
    placed[placeKey] = undefined;
    const last = this.#elements.pop();
    if (last !== undefined && last !== element) {
      this.#elements[place] = last;
      last[placeKey] = place;
    }
    return true;
  }

  /** The elements that are there now, as a list of its own: they may be deleted while it is gone through. */
  elements(): readonly Element[] {
    return this.#elements.slice();
  }
}
