import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { numberText } from "../format/value.ts";

/**
 * The first of many, and a button that shows ten times as many of them more.
 * @param most shown before somebody asks for more
 * @param what they are called, in the plural; "" where that can be seen
 */
export function useFirst<Item>(items: readonly Item[], most: number, what: string) {
  const shown = useSignal(most);
  const more: JSX.Element | null =
    items.length > shown.value ? (
      <button
        type="button"
        class="small"
        onClick={() => {
          shown.value += 10 * most;
        }}
      >
        show more {what} (of {numberText(items.length)})
      </button>
    ) : null;
  return { first: items.slice(0, shown.value), more };
}
