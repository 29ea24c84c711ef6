import { useSignal } from "@preact/signals";

/** A part of the width of an element: shares from 0 to 1, the left one first. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * Lets the pointer choose a part of the width of an element.
 * @param done called at the end of a drag; of a click with twice the same place
 * @returns what is being chosen, and what the element has to listen to
 */
export function useDragAcross(done: (stretch: Stretch) => void) {
  const drag = useSignal<{ readonly begin: number; readonly end: number } | undefined>(undefined);
  const shareOf = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width));
  };
  const move = (event: PointerEvent) => {
    if (drag.value !== undefined) drag.value = { ...drag.value, end: shareOf(event) };
  };
  const stretch = (): Stretch | undefined => {
    if (drag.value === undefined) return undefined;
    const { begin, end } = drag.value;
    return { from: Math.min(begin, end), to: Math.max(begin, end) };
  };
  return {
    dragged: stretch(),
    listeners: {
      onPointerDown: (event: PointerEvent) => {
        // Other buttons open menus, after which no end of the drag is told.
        if (event.button !== 0) return;
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        const at = shareOf(event);
        drag.value = { begin: at, end: at };
      },
      onPointerMove: move,
      onPointerUp: (event: PointerEvent) => {
        move(event);
        const chosen = stretch();
        drag.value = undefined;
        if (chosen !== undefined) done(chosen);
      },
      onPointerCancel: () => {
        drag.value = undefined;
      },
    },
  };
}
