import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Keys, useKeys } from "./keys.ts";

interface WideTableProps {
  readonly label: string;
  readonly children: ComponentChildren;
  /** Whether keys lead from row to row. @default false */
  readonly rowKeys?: boolean;
}

/**
 * A table that scrolls sideways by itself where the window is narrower, and shows at its edges that there is more. Its
 * first column stays.
 */
export function WideTable({ label, children, rowKeys = false }: WideTableProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [isCut, setIsCut] = useState(false);
  useKeys(rowKeys ? keysOfRows(() => scroller.current) : {});
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = () => setIsCut(element.scrollWidth > element.clientWidth);
    // The view must not scroll sideways meanwhile.
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
  return (
    // The keys that scroll it need the focus.
    <div
      class={isCut ? "wide sideways" : "wide"}
      ref={scroller}
      {...(isCut && { role: "region", "aria-label": label, tabIndex: 0 })}
    >
      <table>{children}</table>
    </div>
  );
}

/** Keys that lead from row to row: the link or the box of a row has the focus, so that Enter or the space bar uses it. */
function keysOfRows(table: () => HTMLElement | null): Keys {
  const move = (by: number) => {
    const rows = [...(table()?.querySelectorAll<HTMLElement>("tbody tr") ?? [])];
    const targets = rows.flatMap((row) => row.querySelector<HTMLElement>("a[href], input") ?? []);
    const from = targets.findIndex((target) => target.closest("tr")?.contains(document.activeElement));
    targets[Math.max(0, Math.min(targets.length - 1, from + by))]?.focus();
  };
  const [next, before] = [() => move(1), () => move(-1)];
  return { j: next, k: before, ArrowDown: next, ArrowUp: before };
}
