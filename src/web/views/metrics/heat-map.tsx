import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { dateForm, listTime } from "../../format/dates.ts";
import { themeColours } from "../../parts/theme.ts";
import { useDragAcross } from "../../parts/use-drag-across.ts";
import { useDrawing } from "../../parts/use-drawing.ts";
import { zone } from "../../state/address.ts";
import type { ChartData } from "./chart-data.ts";
import { type Column, columnAt, columnsOf } from "./columns.ts";

interface HeatMapProps {
  /** A line for each bucket, the least values first. */
  readonly data: ChartData;
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** How many measurements, as text. */
  readonly text: (count: number) => string;
  /** Called when the person has dragged over a span of time, in milliseconds since the epoch. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

const height = 180;
/** Rows that are labelled, at most. */
const maxLabels = 7;

/** A distribution over time: a row for each bucket, a column for each data point, the stronger the colour the more measurements. */
export function HeatMap({ data, label, text, onZoom }: HeatMapProps): JSX.Element {
  const hovered = useSignal<{ readonly line: number; readonly step: number } | undefined>(undefined);
  const { times, lines } = data;
  const columns = useMemo(() => columnsOf(data), [data]);
  const canvas = useDrawing((element) => drawCells(element, data, columns), [data]);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const endMs = (last + ((times[1] ?? first + 1) - first)) * 1_000;
  const { dragged, listeners } = useDragAcross(({ from, to }) => {
    if (to - from < 0.005) return;
    const at = (part: number) => first * 1_000 + part * (endMs - first * 1_000);
    onZoom(at(from), at(to));
  });
  const dates = dateForm(nanosOf(first), nanosOf(last), zone.value);
  const timeText = (seconds: number) => listTime(nanosOf(seconds), zone.value, dates).slice(0, -4);
  const every = Math.ceil(lines.length / maxLabels);
  const column = hovered.value && columnAt(columns, hovered.value.step);
  const bucket = hovered.value && lines[hovered.value.line];
  return (
    <figure class="heat-map" aria-label={label}>
      <ol aria-hidden="true">
        {lines.map(({ label: bucket }, line) => (
          <li key={line}>{line % every === 0 && bucket}</li>
        ))}
      </ol>
      <div
        {...listeners}
        onPointerMove={(event) => {
          listeners.onPointerMove?.(event);
          const { left, top, width } = event.currentTarget.getBoundingClientRect();
          const step = Math.floor(((event.clientX - left) / width) * times.length);
          const line = lines.length - 1 - Math.floor(((event.clientY - top) / height) * lines.length);
          hovered.value = { line, step };
        }}
        onPointerLeave={() => {
          hovered.value = undefined;
        }}
      >
        <canvas ref={canvas} />
        {dragged && (
          <i
            class="dragged"
            style={{ left: `${dragged.from * 100}%`, width: `${(dragged.to - dragged.from) * 100}%` }}
          />
        )}
      </div>
      <figcaption>
        <span>{timeText(first)}</span>
        <span>
          {column !== undefined && bucket !== undefined
            ? `${timeText(times[column.step] ?? first)}: ${text(bucket.values[column.step] ?? 0)}, ${bucket.label}`
            : "the stronger, the more measurements"}
        </span>
        <span>{timeText(last)}</span>
      </figcaption>
    </figure>
  );
}

function drawCells(canvas: HTMLCanvasElement, { times, lines }: ChartData, columns: readonly Column[]): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.fillStyle = themeColours(canvas.parentElement ?? document.body)("accent");
  const most = lines.reduce((all, line) => Math.max(all, line.most ?? 0), 0);
  const [wide, high] = [canvas.width / times.length, canvas.height / lines.length];
  for (const [line, { values }] of lines.entries()) {
    for (const { from, step } of columns) {
      const count = values[step];
      if (!count) continue;
      // Few measurements beside very many can be seen, too.
      context.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / most);
      const width = Math.max(1, (step + 1 - from) * wide);
      context.fillRect(from * wide, (lines.length - 1 - line) * high, width, Math.max(1, high - 1));
    }
  }
}

/** @param seconds since the epoch */
function nanosOf(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e3)) * 1_000_000n;
}
