import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onThemeChange } from "./theme.ts";

/**
 * A canvas that is drawn anew when its size or the theme changes, or what it shows.
 * @param draw gets the canvas, as large as it is on the screen
 * @param shown another one is drawn
 */
export function useDrawing(
  draw: (canvas: HTMLCanvasElement) => void,
  shown: readonly unknown[],
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const drawWhole = () => {
      element.width = Math.round(element.clientWidth * devicePixelRatio);
      element.height = Math.round(element.clientHeight * devicePixelRatio);
      draw(element);
    };
    const observer = new ResizeObserver(drawWhole);
    observer.observe(element);
    const endTheme = onThemeChange(drawWhole);
    return () => {
      observer.disconnect();
      endTheme();
    };
  }, shown);
  return canvas;
}
