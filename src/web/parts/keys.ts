import { useLayoutEffect, useRef } from "preact/hooks";

/** What keys do, by the `key` of their event. */
export type Keys = Readonly<Record<string, () => void>>;

/** The newest part comes first; what it does not know, those before it may. */
const listeners: { readonly current: Keys }[] = [];

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.key === "k" && (event.metaKey || event.ctrlKey)) {
    event.preventDefault();
    focusFilter();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (/^(?:INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
    if (event.key === "Escape") target.blur();
    return;
  }
  // A button and a link do what Enter and the space bar do.
  if (/^(?:BUTTON|A|SUMMARY)$/.test(target.tagName) && /^(?:Enter| )$/.test(event.key)) return;
  if (document.querySelector("dialog[open]") !== null) return;
  const known = listeners.findLast(({ current }) => Object.hasOwn(current, event.key));
  if (known === undefined) return;
  event.preventDefault();
  known.current[event.key]?.();
});

/** The first field of the view. */
export function focusFilter(): void {
  const field = document.querySelector<HTMLInputElement>("[data-filter]");
  field?.focus();
  field?.select();
}

export function useKeys(keys: Keys): void {
  const ref = useRef(keys);
  ref.current = keys;
  // Before the view is seen: a key that is pressed at once must not be lost.
  useLayoutEffect(() => {
    listeners.push(ref);
    return () => {
      listeners.splice(listeners.indexOf(ref), 1);
    };
  }, []);
}
