import { useLayoutEffect, useRef } from "preact/hooks";
import { focusOf, keyForPage } from "./pressed-key.ts";

/** What keys do, by the `key` of their event. The slash is that of the whole page. */
export type Keys = Readonly<Record<string, () => void>>;

/** The newest part comes first; what it does not know, those before it may. */
const listeners: { readonly current: Keys }[] = [];

document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  const isFilterKey = event.key === "k" && (event.metaKey || event.ctrlKey) && !event.altKey;
  const key = isFilterKey ? "/" : keyForPage(event, target);
  if (key === undefined || document.querySelector("dialog[open]") !== null) return;
  if (key === "/") {
    if (focusFilter()) event.preventDefault();
    return;
  }
  if (key === "Escape" && focusOf(target) === "field") {
    target.blur();
    return;
  }
  const known = listeners.findLast(({ current }) => Object.hasOwn(current, key));
  if (known === undefined) return;
  event.preventDefault();
  known.current[key]?.();
});

/** Goes to the filter of the view, or to its find. @returns whether it has one */
function focusFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>("[data-filter]");
  field?.focus();
  field?.select();
  return field !== null;
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
