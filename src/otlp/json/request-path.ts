/** Where a value is in a request: names of fields, and indices of list elements. */
export type RequestPath = readonly (string | number)[];

/** A path the way the scanner writes it: `resource_spans[0].scope_spans[0].spans[3].name`. */
export function pathText(path: RequestPath): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .slice(1);
}

/** The elements that were left out of a request's lists, to find a position in the request as it was sent. */
export class LeftOutElements {
  /** By the path of their list, the indices in ascending order. */
  readonly #indices = new Map<string, number[]>();

  /** @param path of the element; elements of one list come in order */
  add(path: RequestPath): void {
    const list = pathText(path.slice(0, -1));
    const indices = this.#indices.get(list);
    const index = Number(path.at(-1));
    if (indices === undefined) this.#indices.set(list, [index]);
    else indices.push(index);
  }

  /**
   * The path in the request as it was sent.
   * @param path a path in the request that the elements were left out of
   */
  asSent(path: string): string {
    if (this.#indices.size === 0) return path;
    let sent = "";
    for (const [, name = "", index] of path.matchAll(/([^[\]]+)(?:\[(\d+)\])?/g)) {
      sent += name;
      if (index !== undefined) sent += `[${this.#indexAsSent(sent, Number(index))}]`;
    }
    return sent;
  }

  #indexAsSent(list: string, index: number): number {
    let sent = index;
    for (const leftOut of this.#indices.get(list) ?? []) {
      if (leftOut > sent) break;
      sent += 1;
    }
    return sent;
  }
}
