import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface WideTableProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/**
 * A table that scrolls sideways by itself where the window is narrower, and shows at its edges that there is more. Its
 * first column stays.
 */
export function WideTable({ label, children }: WideTableProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [isCut, setIsCut] = useState(false);
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
