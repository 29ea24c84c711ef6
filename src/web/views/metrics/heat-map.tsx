import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { dateForm, listTime } from "../../format/dates.ts";
import { themeColours } from "../../parts/theme.ts";
import { useDragAcross } from "../../parts/use-drag-across.ts";
import { useDrawing } from "../../parts/use-drawing.ts";
import { zone } from "../../state/address.ts";
import { BucketCounts } from "./bucket-counts.tsx";
import type { ChartData } from "./chart-data.ts";
import { type Column, columnAt, columnsOf } from "./columns.ts";
import { percentiles, percentilesAt, scaleOf, shadeOf } from "./distribution.ts";

interface HeatMapProps {
  /** A line for each bucket, the least values first. */
  readonly data: ChartData;
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** How many measurements, as text. */
  readonly text: (count: number) => string;
  /** A measurement with its unit. */
  readonly valueText: (value: number) => string;
  /** Called when the person has dragged over a span of time, in milliseconds since the epoch. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

/** Rows that are labelled, at most. */
const maxLabels = 7;
/** How the lines of percentiles are dashed, in pixels. */
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3]];

/** A distribution over time: a row for each bucket, a column for each data point, the stronger the colour the more measurements. */
export function HeatMap({ data, label, text, valueText, onZoom }: HeatMapProps): JSX.Element {
  /** The cell that the pointer or a key is at. */
  const at = useSignal<{ readonly line: number; readonly step: number } | undefined>(undefined);
  const { times, lines } = data;
  const columns = useMemo(() => columnsOf(data), [data]);
  const most = lines.reduce((all, line) => Math.max(all, line.most ?? 0), 0);
  const canvas = useDrawing((element) => drawCells(element, data, columns, most), [data]);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const endMs = (last + ((times[1] ?? first + 1) - first)) * 1_000;
  const { dragged, listeners } = useDragAcross(({ from, to }) => {
    if (to - from < 0.005) return;
    const timeAt = (part: number) => first * 1_000 + part * (endMs - first * 1_000);
    onZoom(timeAt(from), timeAt(to));
  });
  const dates = dateForm(nanosOf(first), nanosOf(last), zone.value);
  const timeText = (seconds: number) => listTime(nanosOf(seconds), zone.value, dates).slice(0, -4);
  const every = Math.ceil(lines.length / maxLabels);
  const column = at.value && columnAt(columns, at.value.step);
  const bucket = at.value && lines[at.value.line];
  const move = (byColumns: number, byLines: number) => {
    const index = column === undefined ? columns.length : columns.indexOf(column);
    const { step = 0 } = columns[within(index + byColumns, columns.length)] ?? {};
    at.value = { line: within((at.value?.line ?? busiestAt(lines, step)) + byLines, lines.length), step };
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => move(-1, 0),
    ArrowRight: () => move(1, 0),
    ArrowUp: () => move(0, 1),
    ArrowDown: () => move(0, -1),
    Home: () => move(-columns.length, 0),
    End: () => move(columns.length, 0),
  };
  return (
    <figure class="heat-map" aria-label={label}>
      <ol aria-hidden="true">
        {lines.map(({ label: bucket }, line) => (
          <li key={line} title={bucket}>
            {line % every === 0 && <span>{bucket}</span>}
          </li>
        ))}
      </ol>
      {/* biome-ignore-start lint/a11y: the cells are a picture, of which the caption tells the one that keys lead to */}
      <div
        {...listeners}
        class="cells"
        role="application"
        aria-label="Cells: arrow keys lead from one time and bucket to the next"
        tabIndex={0}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (act === undefined || !Object.hasOwn(keys, event.key)) return;
          event.preventDefault();
          act();
        }}
        onBlur={() => {
          at.value = undefined;
        }}
        onPointerMove={(event) => {
          listeners.onPointerMove?.(event);
          const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
          const step = Math.floor(((event.clientX - left) / width) * times.length);
          const line = lines.length - 1 - Math.floor(((event.clientY - top) / height) * lines.length);
          at.value = { line, step };
        }}
        onPointerLeave={() => {
          at.value = undefined;
        }}
      >
        {/* biome-ignore-end lint/a11y: see above */}
        <canvas ref={canvas} />
        {column !== undefined && bucket !== undefined && (
          <i
            class="cell"
            style={{
              left: `${(column.from / times.length) * 100}%`,
              width: `${((column.step + 1 - column.from) / times.length) * 100}%`,
              bottom: `${((at.value?.line ?? 0) / lines.length) * 100}%`,
              height: `${100 / lines.length}%`,
            }}
          />
        )}
        {dragged && (
          <i
            class="dragged"
            style={{ left: `${dragged.from * 100}%`, width: `${(dragged.to - dragged.from) * 100}%` }}
          />
        )}
      </div>
      <figcaption>
        <span>{timeText(first)}</span>
        <span>{timeText(last)}</span>
      </figcaption>
      <p class="about-cell" role="status">
        {column !== undefined && bucket !== undefined ? (
          <>
            {timeText(times[column.step] ?? first)}: {text(bucket.values[column.step] ?? 0)}, {bucket.label};{" "}
            {percentilesAt(lines, column.step)
              .map(({ name, value }) => `${name} about ${valueText(value)}`)
              .join(", ")}
          </>
        ) : (
          <Scale most={most} text={text} />
        )}
      </p>
      <BucketCounts data={data} columns={columns} timeText={timeText} valueText={valueText} />
    </figure>
  );
}

/** What the colours and the lines stand for. */
function Scale({
  most,
  text,
}: {
  readonly most: number;
  readonly text: (count: number) => string;
}): JSX.Element {
  const scale = scaleOf(most);
  return (
    <>
      <span class="scale">
        {text(0)}
        {scale.map(({ count, shade }) => (
          <i key={shade} title={text(count)} style={{ opacity: shade }} />
        ))}
        {text(most)}
      </span>
      {percentiles.map((percent, index) => (
        <span key={percent} class="scale">
          <svg aria-hidden="true" width="20" height="8">
            <line x1="0" x2="20" y1="4" y2="4" stroke-dasharray={dashes[index]?.join(" ")} />
          </svg>
          p{percent}
        </span>
      ))}
    </>
  );
}

function within(index: number, count: number): number {
  return Math.max(0, Math.min(count - 1, index));
}

/** The bucket with most measurements at a step. */
function busiestAt(lines: ChartData["lines"], step: number): number {
  const counts = lines.map(({ values }) => values[step] ?? 0);
  return counts.indexOf(Math.max(...counts));
}

function drawCells(
  canvas: HTMLCanvasElement,
  { times, lines }: ChartData,
  columns: readonly Column[],
  most: number,
): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const colour = themeColours(canvas.parentElement ?? document.body);
  context.fillStyle = colour("accent");
  const [wide, high] = [canvas.width / times.length, canvas.height / lines.length];
  for (const [line, { values }] of lines.entries()) {
    for (const { from, step } of columns) {
      const count = values[step];
      if (!count) continue;
      context.globalAlpha = shadeOf(count, most);
      const width = Math.max(1, (step + 1 - from) * wide);
      context.fillRect(from * wide, (lines.length - 1 - line) * high, width, Math.max(1, high - 1));
    }
  }
  context.globalAlpha = 1;
  const rows = columns.map(({ step }) => percentilesAt(lines, step).map((percentile) => percentile.rows));
  for (const [index, dash] of dashes.entries()) {
    context.setLineDash(dash.map((length) => length * devicePixelRatio));
    context.beginPath();
    for (const [i, { from, step }] of columns.entries()) {
      const y = canvas.height - (rows[i]?.[index] ?? 0) * high;
      // A line ends where there is a gap.
      if (from === (columns[i - 1]?.step ?? -2) + 1) context.lineTo(from * wide, y);
      else context.moveTo(from * wide, y);
      context.lineTo((step + 1) * wide, y);
    }
    // Beside cells that are as light, or as dark, as the line.
    context.strokeStyle = colour("ground");
    context.lineWidth = 4 * devicePixelRatio;
    context.stroke();
    context.strokeStyle = colour("text");
    context.lineWidth = 1.5 * devicePixelRatio;
    context.stroke();
  }
}

/** @param seconds since the epoch */
function nanosOf(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e3)) * 1_000_000n;
}
