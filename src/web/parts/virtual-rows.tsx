import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { HeadRow, RowGroup, rowHeight, rowId } from "./table.tsx";

/** Rows beyond each edge that are drawn, so that a small step of scrolling shows no gap. */
const spare = 8;

interface VirtualRowsProps {
  readonly role: "grid" | "treegrid";
  readonly label: string;
  readonly count: number;
  readonly head: ComponentChildren;
  readonly selected: number;
  /** Names the selected row where rows move when others come: it is scrolled to when it is another one or comes, not when it moves. */
  readonly selectedKey?: string;
  readonly row: (index: number) => JSX.Element;
  /** Called when the rows are scrolled away from the first one, or back to it. */
  readonly onAway?: (away: boolean) => void;
  /** Called when the last row is drawn, and again when it is another one. */
  readonly onEnd?: () => void;
  /** Called with the width of the rows, and again when it is another one. */
  readonly onWidth?: (px: number) => void;
  /** Called when the pointer comes into the rows, or leaves them. */
  readonly onPointer?: ((inside: boolean) => void) | undefined;
}

/** A table of rows of one height, of which only those that can be seen are in the document. */
export function VirtualRows(props: VirtualRowsProps): JSX.Element {
  const { role, label, count, head, selected, selectedKey, row, onAway, onEnd, onPointer, onWidth } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const listeners = useRef({ onAway, onPointer });
  listeners.current = { onAway, onPointer };
  const selection = useRef(selected);
  selection.current = selected;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    let height = element.clientHeight;
    const measure = () => {
      // What comes above the rows, such as a histogram, must not push the selected one out of sight.
      const { current: row } = selection;
      if (row >= 0 && isSeen(element, row, height)) reveal(element, row);
      height = element.clientHeight;
      setView({ top: element.scrollTop, height });
      onWidth?.(element.clientWidth);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      // Rows that are gone are neither scrolled nor pointed at.
      listeners.current.onAway?.(false);
      listeners.current.onPointer?.(false);
    };
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && selected >= 0) reveal(element, selected);
  }, [selectedKey ?? selected, selected >= 0]);

  const first = Math.max(0, Math.floor(view.top / rowHeight) - spare);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + spare);
  const atEnd = last === count;
  useEffect(() => {
    if (atEnd) onEnd?.();
  }, [atEnd, count]);
  const shown: JSX.Element[] = [];
  for (let index = first; index < last; index++) {
    shown.push(row(index));
  }
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have a label
    <div
      class="rows"
      role={role}
      aria-label={label}
      aria-rowcount={count + 1}
      aria-activedescendant={selected >= first && selected < last ? rowId(selected) : undefined}
      tabIndex={0}
      ref={scroller}
      onScroll={({ currentTarget: { scrollTop, clientHeight } }) => {
        setView({ top: scrollTop, height: clientHeight });
        onAway?.(scrollTop > 0);
      }}
    >
      <HeadRow>{head}</HeadRow>
      <RowGroup height={count * rowHeight} onPointer={onPointer}>
        {shown}
      </RowGroup>
    </div>
  );
}

/** @param height that the rows have, the head's included, which covers the first row's */
function isSeen({ scrollTop }: Element, row: number, height: number): boolean {
  return scrollTop <= row * rowHeight && scrollTop >= (row + 2) * rowHeight - height;
}

/** Scrolls as far as is needed to see a row. */
function reveal(element: Element, row: number): void {
  const top = row * rowHeight;
  const bottom = top + 2 * rowHeight - element.clientHeight;
  if (element.scrollTop > top) element.scrollTop = top;
  else if (element.scrollTop < bottom) element.scrollTop = bottom;
}

/** Scrolls to the first row. A view has one table. */
export function scrollToFirstRow(): void {
  document.querySelector(".rows")?.scrollTo({ top: 0 });
}

/** Moves a selection by the keys that lists have. */
export function moveKeys(
  count: number,
  selected: number,
  select: (index: number) => void,
): Readonly<Record<string, () => void>> {
  const to = (index: number) => () => {
    if (count > 0) select(Math.max(0, Math.min(count - 1, index)));
  };
  const page = 20;
  return {
    ArrowDown: to(selected + 1),
    j: to(selected + 1),
    ArrowUp: to(selected - 1),
    k: to(selected - 1),
    PageDown: to(selected + page),
    PageUp: to(selected - page),
    Home: to(0),
    End: to(count - 1),
  };
}
