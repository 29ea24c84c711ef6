import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { hueOf, serviceHues } from "../../format/value.ts";
import { themeColours } from "../../parts/theme-colours.ts";
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
  const drag = useSignal<{ readonly from: number; readonly to: number } | undefined>(undefined);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const draw = () => drawSpans(element, nodes, whole);
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      observer.disconnect();
      dark.removeEventListener("change", draw);
    };
  }, [nodes, whole.toNs]);

  const share = (event: PointerEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width));
  };
  const chosen = drag.value;
  const shown =
    chosen === undefined
      ? { from: range.fromNs / whole.toNs, to: range.toNs / whole.toNs }
      : { from: Math.min(chosen.from, chosen.to), to: Math.max(chosen.from, chosen.to) };
  return (
    <div
      class="minimap"
      title="Drag to look closer at a part of the time"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.value = { from: share(event), to: share(event) };
      }}
      onPointerMove={(event) => {
        if (drag.value !== undefined) drag.value = { from: drag.value.from, to: share(event) };
      }}
      onPointerUp={() => {
        drag.value = undefined;
        // A click chooses nothing.
        if (shown.to - shown.from < 0.005) return;
        onZoom({ fromNs: Math.floor(shown.from * whole.toNs), toNs: Math.ceil(shown.to * whole.toNs) });
      }}
      onPointerCancel={() => {
        drag.value = undefined;
      }}
    >
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
