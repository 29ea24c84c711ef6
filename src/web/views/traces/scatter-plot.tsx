import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { TraceSummaryJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { OutsideAxis } from "../../parts/outside-axis.tsx";
import { useDrawing } from "../../parts/use-drawing.ts";
import { zone } from "../../state/address.ts";
import { drawScatter } from "./draw-scatter.ts";
import {
  type Area,
  areaParams,
  durationTicks,
  outsideParams,
  pointAt,
  type ScatterPoint,
  scatterPlan,
  scatterText,
  timeTicks,
} from "./scatter.ts";
import { ScatterHint } from "./scatter-hint.tsx";

interface ScatterPlotProps {
  readonly traces: readonly TraceSummaryJson[];
  readonly selected: TraceSummaryJson | undefined;
  readonly open: (trace: TraceSummaryJson) => void;
  /** Called with the parameters of the address for a part that was chosen by dragging. */
  readonly choose: (params: Record<string, string>) => void;
  readonly onPointer: (inside: boolean) => void;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A drag of fewer pixels is a click. */
const leastDragPx = 5;
const nearPx = 10;
const pxOfTimeTick = 90;

/** Durations over time. A click opens the trace, a drag chooses a part. */
export function ScatterPlot(props: ScatterPlotProps): JSX.Element | null {
  const { traces, selected, open, choose, onPointer } = props;
  const size = useSignal({ width: 0, height: 0 });
  const hovered = useSignal<ScatterPoint | undefined>(undefined);
  const drag = useSignal<{ readonly start: Place; readonly end: Place } | undefined>(undefined);
  const plan = useMemo(() => scatterPlan(traces), [traces]);

  const marked = hovered.value?.trace ?? selected;
  const canvas = useDrawing(
    (element) => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width !== size.peek().width || height !== size.peek().height) size.value = { width, height };
      if (plan !== undefined) drawScatter(element, plan, marked);
    },
    [plan, marked],
  );

  if (plan === undefined) return null;
  const placeOf = (event: PointerEvent): Place => {
    const { left, top, width, height } = (canvas.current as HTMLCanvasElement).getBoundingClientRect();
    return { x: clamped((event.clientX - left) / width), y: clamped((event.clientY - top) / height) };
  };
  const area = drag.value && areaOf(drag.value);
  const isDrag = ({ left, right, top, bottom }: Area) =>
    (right - left) * size.value.width >= leastDragPx || (bottom - top) * size.value.height >= leastDragPx;
  const end = () => {
    const dragged = drag.value && areaOf(drag.value);
    drag.value = undefined;
    if (dragged === undefined) return;
    const point = pointAt(plan, { x: dragged.left, y: dragged.top }, size.value, nearPx);
    if (isDrag(dragged)) choose(areaParams(plan, dragged));
    else if (point !== undefined) open(point.trace);
  };
  const most = Math.floor(size.value.width / pxOfTimeTick);
  return (
    <figure
      class="scatter"
      onPointerEnter={() => onPointer(true)}
      onPointerLeave={() => {
        onPointer(false);
        hovered.value = undefined;
      }}
    >
      <div class="plot">
        <canvas
          ref={canvas}
          class={hovered.value === undefined ? "" : "over"}
          role="img"
          aria-label={scatterText(plan, zone.value)}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.preventDefault();
            (event.currentTarget as HTMLCanvasElement).setPointerCapture(event.pointerId);
            const place = placeOf(event);
            drag.value = { start: place, end: place };
          }}
          onPointerMove={(event) => {
            const place = placeOf(event);
            if (drag.value !== undefined) drag.value = { ...drag.value, end: place };
            else hovered.value = pointAt(plan, place, size.value, nearPx);
          }}
          onPointerUp={end}
          onPointerCancel={() => {
            drag.value = undefined;
          }}
        />
        {durationTicks(plan).map(({ at, label }) => (
          <span key={label} class="tick-y" style={{ top: `${at * 100}%` }}>
            {label}
          </span>
        ))}
        {timeTicks(plan, zone.value, most).map(({ at, label }) => (
          <span key={label} class="tick-x" style={{ left: `${at * 100}%` }}>
            {label}
          </span>
        ))}
        <OutsideAxis
          earlier={plan.earlier}
          later={plan.later}
          what="traces"
          choose={(side) => choose(outsideParams(plan, side))}
        />
        {area !== undefined && isDrag(area) && (
          <span
            class="area"
            style={{
              left: `${area.left * 100}%`,
              top: `${area.top * 100}%`,
              width: `${(area.right - area.left) * 100}%`,
              height: `${(area.bottom - area.top) * 100}%`,
            }}
          />
        )}
        {hovered.value !== undefined && drag.value === undefined && <ScatterHint point={hovered.value} />}
      </div>
    </figure>
  );
}

function clamped(value: number): number {
  return Math.max(0, Math.min(1, value));
}

function areaOf({ start, end }: { readonly start: Place; readonly end: Place }): Area {
  return {
    left: Math.min(start.x, end.x),
    right: Math.max(start.x, end.x),
    top: Math.min(start.y, end.y),
    bottom: Math.max(start.y, end.y),
  };
}
