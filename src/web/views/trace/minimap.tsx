import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { hueOf, serviceHues } from "../../format/value.ts";
import { onThemeChange, themeColours } from "../../parts/theme.ts";
import { useDragAcross } from "../../parts/use-drag-across.ts";
import { shortNs } from "./durations.ts";
import { barOf, type Range, type SpanNode } from "./waterfall.ts";

const height = 40;

interface MinimapProps {
  readonly nodes: readonly SpanNode[];
  readonly whole: Range;
  /** The part that the waterfall shows. */
  readonly range: Range;
  readonly onZoom: (range: Range) => void;
}

/** The whole trace at a glance. A drag over it chooses the part of time that the waterfall shows. */
export function Minimap({ nodes, whole, range, onZoom }: MinimapProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const draw = () => drawSpans(element, nodes, whole);
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    const endTheme = onThemeChange(draw);
    return () => {
      observer.disconnect();
      endTheme();
    };
  }, [nodes, whole.toNs]);

  const { dragged, listeners } = useDragAcross(({ from, to }) => {
    // A click chooses nothing.
    if (to - from < 0.005) return;
    onZoom({ fromNs: Math.floor(from * whole.toNs), toNs: Math.ceil(to * whole.toNs) });
  });
  const shown = dragged ?? { from: range.fromNs / whole.toNs, to: range.toNs / whole.toNs };
  return (
    <div class="minimap" title="Drag to look closer at a part of the time" {...listeners}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`The whole trace, ${shortNs(whole.toNs)}; the part from ${shortNs(range.fromNs)} to ${shortNs(range.toNs)} is shown below`}
      />
      <i class="outside" style={{ left: 0, width: `${shown.from * 100}%` }} />
      <i class="outside" style={{ right: 0, width: `${(1 - shown.to) * 100}%` }} />
    </div>
  );
}

function drawSpans(canvas: HTMLCanvasElement, nodes: readonly SpanNode[], whole: Range): void {
  const scale = devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (context === null || nodes.length === 0) return;
  const colours = themeColours(canvas.parentElement ?? document.body);
  const hues = Array.from({ length: serviceHues }, (_, hue) => colours(`hue-${hue}`));
  const failed = colours("error");
  const row = canvas.height / nodes.length;
  const thick = Math.max(1, Math.min(4 * scale, row * 0.8));
  for (const [index, node] of nodes.entries()) {
    const bar = barOf(node, whole);
    if (bar === undefined) continue;
    context.fillStyle = node.failed ? failed : (hues[hueOf(node.service)] ?? failed);
    const width = Math.max(1, (bar.width / 100) * canvas.width);
    context.fillRect((bar.left / 100) * canvas.width, index * row, width, thick);
  }
}
