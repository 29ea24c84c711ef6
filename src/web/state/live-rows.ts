import { isHeavier, lastWithin } from "./weight.ts";

/*
 * The rows of a list that follows what arrives. It asks for one page after the other, each with the newest items after
 * the cursor of the one before, and keeps the newest rows.
 */

/** As the searches of the API answer. */
export interface Page<Item> {
  /** The newest last. */
  readonly items: readonly Item[];
  readonly cursor: string;
  /** Items that have changed and may be rows: those that are none are left out. */
  readonly changed?: readonly Item[];
  /** Keys of items that are no rows any more. */
  readonly gone?: readonly string[];
  /** Leads to older items; empty when none are held. */
  readonly previous: string;
  /** Items that were evicted before they could be read. */
  readonly missed: number;
  /** Items that may match and cannot be decoded. */
  readonly unreadable?: number;
  /** Items between those of the page before and its first one did not fit. */
  readonly skipped?: boolean;
  /** More rows may be gone than `gone` tells. */
  readonly goneUnknown?: boolean;
}

export interface Rows<Item> {
  /** The newest last. */
  readonly shown: readonly Item[];
  /** Items that wait until the person wants them, because the list is paused. */
  readonly waiting: readonly Item[];
  /** Keys of rows that go with the next row that may move. */
  readonly going: readonly string[];
  /** Where to go on; empty: begin with the newest. */
  readonly cursor: string;
  /** Where older items are; empty when none are held, or as many rows as may are kept. */
  readonly previous: string;
  readonly missed: number;
  readonly unreadable: number;
  /** More arrived at once than one page holds: what lay between was skipped, so that the list keeps up. */
  readonly skipped: boolean;
  /** Rows may be shown that are none any more. */
  readonly goneUnknown: boolean;
}

export interface RowRules<Item> {
  /**
   * Items with the same key are one row, which shows the newest of them. It moves to the end when it comes again, unless
   * the list is paused.
   */
  keyOf(item: Item): string;
  /** Items in the first page, at most. */
  readonly firstPageSize: number;
  /** Items that are new, in one page, at most. */
  readonly newSize: number;
  /** Items in a page of older ones, at most. */
  readonly pageSize: number;
  /** Rows that are kept, at most. Fewer are when they are large, see `mostWeight`. */
  readonly maxRows: number;
}

/** What the rows of a list may take, in characters: a tab stays open all day. */
export const mostWeight = 32 * 1024 * 1024;

/** Which page is asked for, as the searches of the API take it. */
export interface PagePlace {
  readonly after?: string;
  readonly before?: string;
  readonly newest?: boolean;
  readonly limit: number;
}

/** The page that goes on where the rows end. */
export function nextPlace<Item>(rows: Rows<Item>, { firstPageSize, newSize }: RowRules<Item>): PagePlace {
  return { after: rows.cursor, newest: true, limit: isEmpty(rows) ? firstPageSize : newSize };
}

/** Of so many pauses in a flood one is as short as any other, to see whether the flood goes on. */
const floodPauses = 4;

/**
 * How long a list waits before it asks for its next page. Nobody can follow rows that are all new each time, and
 * such pages cost the server most.
 * @param floodPages so many pages, without a break, had no room for all that had come
 */
export function listPauseMs(floodPages: number): number {
  if (floodPages % floodPauses === 0) return 500;
  return floodPages === 1 ? 1_000 : 2_500;
}

/** Answers that are heavier may have ended by their bytes, of which the API gives 3 MiB. */
const heavyFrom = 1024 * 1024;

/**
 * Where to look whether items were skipped before a page, which has fewer than it may, because it ended by its bytes.
 * @returns undefined when none can have been
 */
export function placeOfSkipped<Item extends object>(
  rows: Rows<Item>,
  { items, previous }: Page<Item>,
  { newSize }: RowRules<Item>,
): PagePlace | undefined {
  const isFull = items.length >= newSize;
  if (isEmpty(rows) || isFull || previous === "" || !isHeavier(items, heavyFrom)) return undefined;
  return { after: rows.cursor, before: previous, limit: 1 };
}

function isEmpty<Item>({ shown, waiting }: Rows<Item>): boolean {
  return shown.length === 0 && waiting.length === 0;
}

export function noRows<Item>(): Rows<Item> {
  return {
    shown: [],
    waiting: [],
    going: [],
    cursor: "",
    previous: "",
    missed: 0,
    unreadable: 0,
    skipped: false,
    goneUnknown: false,
  };
}

/** The rows after a page has come. Before a page that is full, others may lie that were skipped. */
export function withPage<Item extends object>(
  rows: Rows<Item>,
  page: Page<Item>,
  paused: boolean,
  rules: RowRules<Item>,
): Rows<Item> {
  const first = rows.cursor === "" && rows.shown.length === 0;
  const wasEmpty = isEmpty(rows);
  const skipped = !wasEmpty && (page.skipped ?? page.items.length >= rules.newSize);
  const hold = paused && !first;
  const { items, going } = withoutGone(rows, page, rules);
  const known = withChanged({ ...rows, going }, page.changed ?? [], rules);
  const next = hold ? heldRows(known, items, rules) : freeRows(known, items, rules);
  const oldest = rows.shown.find((row) => !going.includes(rules.keyOf(row)));
  const isKept = oldest === undefined || next.shown.some((row) => rules.keyOf(row) === rules.keyOf(oldest));
  return {
    ...next,
    cursor: page.cursor,
    // Of a page that goes on, "previous" leads to what is shown already.
    previous: wasEmpty ? page.previous : isKept ? rows.previous : "",
    missed: rows.missed + page.missed,
    unreadable: rows.unreadable + (page.unreadable ?? 0),
    skipped: rows.skipped || skipped,
    goneUnknown: rows.goneUnknown || page.goneUnknown === true,
  };
}

/** The items of a page that are rows, and the rows that are none any more. A row that comes again stays. */
function withoutGone<Item>(
  { shown, waiting, going }: Rows<Item>,
  { items, gone = [] }: Page<Item>,
  { keyOf }: RowRules<Item>,
) {
  if (going.length + gone.length === 0) return { items, going };
  const out = new Set(gone);
  const left = items.filter((item) => !out.has(keyOf(item)));
  const back = new Set(left.map(keyOf));
  const rows = new Set([...shown, ...waiting].map(keyOf));
  return {
    items: left,
    going: [...new Set([...going, ...out])].filter((key) => rows.has(key) && !back.has(key)),
  };
}

function freeRows<Item extends object>(rows: Rows<Item>, items: readonly Item[], rules: RowRules<Item>) {
  return { shown: merged(released(rows, rules).shown, items, rules), waiting: [], going: [] };
}

/** Nothing moves: what is new waits. */
function heldRows<Item extends object>(rows: Rows<Item>, items: readonly Item[], rules: RowRules<Item>) {
  const { shown, waiting, going } = withChanged(rows, items, rules);
  const keys = new Set(shown.map(rules.keyOf));
  const others = items.filter((item) => !keys.has(rules.keyOf(item)));
  return { shown, waiting: merged(waiting, others, rules), going };
}

/** The rows with what their items are now, each where it was. */
function withChanged<Item extends object>(
  { shown, waiting, ...rest }: Rows<Item>,
  items: readonly Item[],
  { keyOf }: RowRules<Item>,
): Rows<Item> {
  const now = new Map(items.map((item) => [keyOf(item), item]));
  const changed = (rows: readonly Item[]) =>
    rows.some((row) => now.has(keyOf(row))) ? rows.map((row) => now.get(keyOf(row)) ?? row) : rows;
  return { ...rest, shown: changed(shown), waiting: changed(waiting) };
}

/** The rows after a page of older items has come: they go below those that are shown. */
export function withOlder<Item extends object>(
  rows: Rows<Item>,
  page: Page<Item>,
  { keyOf, maxRows }: RowRules<Item>,
): Rows<Item> {
  const known = new Set([...rows.shown, ...rows.waiting].map(keyOf));
  const older = page.items.filter((item) => !known.has(keyOf(item)));
  const kept = Math.min(maxRows, lastWithin([...older, ...rows.shown], mostWeight));
  const room = Math.max(0, kept - rows.shown.length);
  const taken = room === 0 ? [] : older.slice(-room);
  return {
    ...rows,
    shown: [...taken, ...rows.shown],
    previous: taken.length < older.length ? "" : page.previous,
    unreadable: rows.unreadable + (page.unreadable ?? 0),
  };
}

/**
 * The rows that may be held still: each is of an item of its own, so that there are no more of them than items.
 * @param held items of the signal that the server holds; 0 when that is not known
 */
export function newestHeld<Item>(shown: readonly Item[], held: number): readonly Item[] {
  return held === 0 || shown.length <= held ? shown : shown.slice(-held);
}

/** The rows after the person has let the list go on. */
export function released<Item extends object>(rows: Rows<Item>, rules: RowRules<Item>): Rows<Item> {
  const { shown, waiting, going } = rows;
  if (waiting.length + going.length === 0) return rows;
  const out = new Set(going);
  const staying = (all: readonly Item[]) =>
    out.size === 0 ? all : all.filter((row) => !out.has(rules.keyOf(row)));
  return { ...rows, shown: merged(staying(shown), staying(waiting), rules), waiting: [], going: [] };
}

function merged<Item extends object>(
  rows: readonly Item[],
  more: readonly Item[],
  { keyOf, maxRows }: RowRules<Item>,
): readonly Item[] {
  if (more.length === 0) return rows;
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  for (const item of more) {
    const key = keyOf(item);
    byKey.delete(key);
    byKey.set(key, item);
  }
  const all = [...byKey.values()].slice(-maxRows);
  return all.slice(-lastWithin(all, mostWeight));
}
