import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { serviceHues } from "../../format/value.ts";
import { themeColours } from "../../parts/theme.ts";
import { useDragAcross } from "../../parts/use-drag-across.ts";
import { useDrawing } from "../../parts/use-drawing.ts";
import { shortNs } from "./durations.ts";
import { minimapStrips } from "./minimap-strips.ts";
import type { SpanNode } from "./span-nodes.ts";
import { edgeMoved, type Range } from "./time-range.ts";

interface MinimapProps {
  readonly nodes: readonly SpanNode[];
  /** Of the services. */
  readonly hues: ReadonlyMap<string, number>;
  readonly whole: Range;
  /** The part that the waterfall shows. */
  readonly range: Range;
  readonly onZoom: (range: Range) => void;
}

/**
 * The whole trace at a glance. A drag over it chooses the part of time that the waterfall shows; its edges can be moved
 * by the pointer and by keys.
 */
export function Minimap({ nodes, hues, whole, range, onZoom }: MinimapProps): JSX.Element {
  const canvas = useDrawing((element) => drawSpans(element, nodes, hues, whole), [nodes, hues, whole.toNs]);

  const { dragged, listeners } = useDragAcross(({ from, to }) => {
    // A click chooses nothing.
    if (to - from < 0.005) return;
    onZoom({ fromNs: Math.floor(from * whole.toNs), toNs: Math.ceil(to * whole.toNs) });
  });
  const moved = useSignal<Range | undefined>(undefined);
  const now = moved.value ?? range;
  const shown = dragged ?? { from: now.fromNs / whole.toNs, to: now.toNs / whole.toNs };
  const handle = (edge: keyof Range, label: string, share: number) => (
    <Handle
      label={label}
      share={share}
      whole={whole}
      onMove={(atNs) => {
        moved.value = edgeMoved(range, edge, atNs, whole);
      }}
      onEnd={() => {
        if (moved.value !== undefined) onZoom(moved.value);
        moved.value = undefined;
      }}
    />
  );
  return (
    <div class="minimap" title="Drag to look closer at a part of the time" {...listeners}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`The whole trace, ${shortNs(whole.toNs)}; the part from ${shortNs(range.fromNs)} to ${shortNs(range.toNs)} is shown below`}
      />
      <i class="outside" style={{ left: 0, width: `${shown.from * 100}%` }} />
      <i class="outside" style={{ right: 0, width: `${(1 - shown.to) * 100}%` }} />
      {handle("fromNs", "begin of the part that is shown", shown.from)}
      {handle("toNs", "end of the part that is shown", shown.to)}
    </div>
  );
}

interface HandleProps {
  readonly label: string;
  /** Where it is, from 0 to 1. */
  readonly share: number;
  readonly whole: Range;
  readonly onMove: (atNs: number) => void;
  readonly onEnd: () => void;
}

/** An edge of the part of the time that is shown. */
function Handle({ label, share, whole, onMove, onEnd }: HandleProps): JSX.Element {
  const isHeld = useSignal(false);
  const atNs = Math.round(share * whole.toNs);
  const to = (at: number) => {
    onMove(at);
    onEnd();
  };
  const keys: Readonly<Record<string, number>> = {
    ArrowLeft: atNs - whole.toNs / 100,
    ArrowDown: atNs - whole.toNs / 100,
    ArrowRight: atNs + whole.toNs / 100,
    ArrowUp: atNs + whole.toNs / 100,
    PageDown: atNs - whole.toNs / 10,
    PageUp: atNs + whole.toNs / 10,
    Home: 0,
    End: whole.toNs,
  };
  const release = (event: PointerEvent) => {
    event.stopPropagation();
    if (isHeld.value) onEnd();
    isHeld.value = false;
  };
  return (
    <div
      class="handle"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={whole.toNs}
      aria-valuenow={atNs}
      aria-valuetext={shortNs(atNs)}
      title={`${label}: drag, or move by arrow keys`}
      style={{ left: `${share * 100}%` }}
      onPointerDown={(event) => {
        event.stopPropagation();
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        isHeld.value = true;
      }}
      onPointerMove={(event) => {
        event.stopPropagation();
        const map = event.currentTarget.parentElement?.getBoundingClientRect();
        if (isHeld.value && map !== undefined) onMove(((event.clientX - map.left) / map.width) * whole.toNs);
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onKeyDown={(event) => {
        const at = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
        if (at === undefined) return;
        event.preventDefault();
        to(at);
      }}
    />
  );
}

function drawSpans(
  canvas: HTMLCanvasElement,
  nodes: readonly SpanNode[],
  hues: ReadonlyMap<string, number>,
  whole: Range,
): void {
  const context = canvas.getContext("2d");
  if (context === null || nodes.length === 0) return;
  const colours = themeColours(canvas.parentElement ?? document.body);
  const colourOf = Array.from({ length: serviceHues }, (_, hue) => colours(`hue-${hue}`));
  const failed = colours("error");
  const thick = Math.max(1, Math.min(4 * devicePixelRatio, (canvas.height / nodes.length) * 0.8));
  for (const { y, from, to, hue } of minimapStrips(nodes, hues, whole, canvas)) {
    context.fillStyle = hue === undefined ? failed : (colourOf[hue] ?? failed);
    context.fillRect(from, y, to - from, thick);
  }
}
