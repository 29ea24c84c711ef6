/** Where a value is in a request: names of fields, and indices of list elements. */
export type RequestPath = readonly (string | number)[];

/** A path the way the scanner writes it: `resource_spans[0].scope_spans[0].spans[3].name`. */
export function pathText(path: RequestPath): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .slice(1);
}

/** The elements that were left out of a request's lists. */
export interface LeftOutElements {
  /** The indices in ascending order, by the path of their list. */
  readonly indices: ReadonlyMap<string, readonly number[]>;
  /** True when there were more than are kept: positions in the request as it was sent cannot be told. */
  readonly hasMore: boolean;
}

/** How many left out elements are kept. */
const MAX_LEFT_OUT = 1_000;

/** Collects the elements that are left out of one request. */
export class LeftOutCollector implements LeftOutElements {
  readonly indices = new Map<string, number[]>();
  hasMore = false;
  #count = 0;

  /** @param path of the element; elements of one list come in order */
  add(path: RequestPath): void {
    this.#count += 1;
    if (this.#count > MAX_LEFT_OUT) {
      this.hasMore = true;
      return;
    }
    const list = pathText(path.slice(0, -1));
    const index = Number(path.at(-1));
    const indices = this.indices.get(list);
    if (indices === undefined) this.indices.set(list, [index]);
    else indices.push(index);
  }
}

/**
 * The path in the request as it was sent; without positions when they cannot be told.
 * @param path a path in the request that the elements were left out of
 */
export function pathAsSent({ indices, hasMore }: LeftOutElements, path: string): string {
  if (hasMore) return path.replace(/\[\d+\]/g, "[]");
  if (indices.size === 0) return path;
  let sent = "";
  for (const [, name = "", index] of path.matchAll(/([^[\]]+)(?:\[(\d+)\])?/g)) {
    sent += name;
    if (index !== undefined) sent += `[${indexAsSent(indices.get(sent) ?? [], Number(index))}]`;
  }
  return sent;
}

function indexAsSent(leftOut: readonly number[], index: number): number {
  let sent = index;
  for (const before of leftOut) {
    if (before > sent) break;
    sent += 1;
  }
  return sent;
}
