import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { numberText } from "../format/value.ts";
import { route, zone } from "../state/address.ts";
import { foundRows, nextFound } from "../state/found-rows.ts";
import { FindField } from "./find-field.tsx";
import type { Keys } from "./keys.ts";

interface ListFind {
  /** The rows that were found. */
  readonly hits: ReadonlySet<number>;
  readonly keys: Keys;
  readonly field: JSX.Element;
}

/**
 * The find of a list of rows.
 * @param items in the order of the rows
 * @param select chooses a row
 */
export function useListFind(
  items: readonly object[],
  selected: number,
  select: (index: number) => void,
): ListFind {
  const { find = "" } = route.value.params;
  const found = useMemo(() => foundRows(items, find, zone.value), [items, find, zone.value]);
  const hits = useMemo(() => new Set(found), [found]);
  const jump = (step: 1 | -1) => {
    const next = nextFound(found, selected, step);
    if (next >= 0) select(next);
  };
  const position = found.indexOf(selected) + 1;
  const count =
    found.length === 0
      ? "none"
      : `${position === 0 ? "–" : numberText(position)} / ${numberText(found.length)}`;
  const status = `${count} of ${numberText(items.length)} loaded`;
  const field = <FindField find={find} status={status} found={found.length} onJump={jump} />;
  return { hits, keys: { n: () => jump(1), N: () => jump(-1) }, field };
}
