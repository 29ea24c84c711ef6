/** A page of an answer of the API, whatever its list is called. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor: string;
  /** The cursor is empty when the server holds no items before this page, or does not know. */
  readonly previous: string;
  readonly missed: bigint;
  /** Items that may match and cannot be decoded, or are too large for `where`. */
  readonly unreadable: bigint;
}

export interface PageRequest {
  readonly limit: number;
  readonly after: string;
  readonly before: string;
}

/**
 * All the items asked for, from as many answers as the server needs: it bounds the bytes of an answer. With
 * `after` this follows `cursor` forwards, without it `previous` backwards from the newest items.
 */
export async function allPages<Item>(
  { limit, after }: { readonly limit: number; readonly after: string },
  read: (page: PageRequest) => Promise<Page<Item>>,
): Promise<Omit<Page<Item>, "previous">> {
  const first = await read({ limit, after, before: "" });
  const pages: (readonly Item[])[] = [first.items];
  let found = first.items.length;
  let { cursor, previous, missed, unreadable } = first;
  // A page without items means that the server has no more.
  for (let got = found; got > 0 && found < limit; found += got) {
    if (after === "" && previous === "") break;
    const rest = { limit: limit - found, after: "", before: "" };
    const page = await read(after === "" ? { ...rest, before: previous } : { ...rest, after: cursor });
    got = page.items.length;
    unreadable += page.unreadable;
    if (after === "") {
      pages.unshift(page.items);
      previous = page.previous;
    } else {
      pages.push(page.items);
      cursor = page.cursor;
      missed += page.missed;
    }
  }
  return { items: pages.flat(), cursor, missed, unreadable };
}
