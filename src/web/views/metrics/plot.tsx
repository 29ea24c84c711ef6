import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./usable-language.ts";
import uPlot from "uplot";
import { tickTimes } from "../../format/dates.ts";
import { onThemeChange, themeColours } from "../../parts/theme.ts";
import { hrefTo, zone } from "../../state/address.ts";
import type { ChartData, Mark } from "./chart-data.ts";
import { hueClass } from "./line-hues.ts";
import { timeSteps } from "./time-steps.ts";
import "uplot/dist/uPlot.min.css";

interface PlotProps {
  readonly data: ChartData;
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  /** Keys of lines that are not drawn. */
  readonly hidden: ReadonlySet<string>;
  /** As `huesOf` tells. */
  readonly hues: ReadonlyMap<string, number>;
  /** Whether values are bytes, which people count in powers of two. */
  readonly inBytes: boolean;
  /** A value with its unit. */
  readonly text: (value: number) => string;
  /** Called when the person has dragged over a span of time, in milliseconds since the epoch. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

const height = 180;
/** Pixels between labels of time; where less than four of them have room, a quarter of what there is. */
const gapOfTimes = 90;
const powersOfTwo = Array.from({ length: 60 }, (_, power) => 2 ** power);

export function Plot({ data, label, hidden, hues, inBytes, text, onZoom }: PlotProps): JSX.Element {
  const place = useRef<HTMLElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const theme = useSignal(0);
  // The newest, for what uPlot calls later.
  const now = useRef({ data, text, onZoom });
  now.current = { data, text, onZoom };
  const looks = data.lines.map(({ key }) => ({ hue: hueClass(hues.get(key)), show: !hidden.has(key) }));
  const drawn = `${JSON.stringify(looks)} ${zone.value} ${theme.value} ${inBytes}`;

  useEffect(
    () =>
      onThemeChange(() => {
        theme.value++;
      }),
    [],
  );

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const colour = themeColours(element);
    const axis: uPlot.Axis = {
      stroke: colour("quiet"),
      font: "11px ui-monospace, monospace",
      grid: { stroke: colour("line"), width: 1 },
      ticks: { stroke: colour("line"), width: 1 },
    };
    const one = new uPlot(
      {
        width: element.clientWidth,
        height,
        // The last label of time is around its place.
        padding: [8, 32, 0, 0],
        legend: { show: false },
        scales: { x: { time: true } },
        cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
        axes: [
          {
            ...axis,
            size: 28,
            space: (_, __, ___, ____, width) => Math.min(gapOfTimes, width / 4),
            incrs: timeSteps,
            values: (_, splits, __, ___, incr) => timeTexts(splits, incr),
          },
          {
            ...axis,
            size: (_, values) => 14 + 7 * Math.max(4, ...(values ?? []).map((value) => value.length)),
            values: (_, splits) => splits.map((value) => (value === 0 ? "0" : now.current.text(value))),
            ...(inBytes && largestOf(data) < 2 ** powersOfTwo.length && { incrs: powersOfTwo }),
          },
        ],
        series: [
          {},
          ...looks.map(({ hue, show }): uPlot.Series => {
            return { stroke: colour(hue), width: 1.5, show, points: { size: 4 } };
          }),
        ],
        hooks: {
          setSelect: [
            (plot) => {
              if (plot.select.width < 4) return;
              const at = (left: number) => plot.posToVal(left, "x") * 1_000;
              now.current.onZoom(at(plot.select.left), at(plot.select.left + plot.select.width));
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
          draw: [(plot) => placeMarks(plot, now.current.data.marks, now.current.text, looks)],
        },
      },
      plotted(data),
      element,
    );
    plot.current = one;
    const resize = new ResizeObserver(() => one.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      one.destroy();
      plot.current = undefined;
    };
  }, [drawn]);

  useEffect(() => plot.current?.setData(plotted(data)), [data]);

  return <figure class="metric-plot" aria-label={label} ref={place} />;
}

function largestOf({ lines }: ChartData): number {
  return Math.max(0, ...lines.flatMap(({ least = 0, most = 0 }) => [Math.abs(least), Math.abs(most)]));
}

function plotted({ times, lines }: ChartData): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData;
}

/** @param seconds since the epoch @param step from one to the next */
function timeTexts(seconds: readonly number[], step: number): string[] {
  const nanos = (of: number) => BigInt(Math.round(of * 1e6)) * 1_000n;
  return [...tickTimes(seconds.map(nanos), nanos(step), zone.value)];
}

/** Marks are links, so that keys reach them too. */
function placeMarks(
  plot: uPlot,
  marks: readonly Mark[],
  text: (value: number) => string,
  looks: readonly { readonly hue: string; readonly show: boolean }[],
): void {
  const { min = 0, max = 0 } = plot.scales.x ?? {};
  const links = marks
    .filter(({ x, line }) => looks[line]?.show && x >= (min ?? 0) && x <= (max ?? 0))
    .map(({ x, y, line, traceId, spanId }) => {
      const link = document.createElement("a");
      link.className = `exemplar ${looks[line]?.hue}`;
      link.href = hrefTo({ view: "trace", id: traceId, params: spanId === "" ? {} : { span: spanId } });
      link.title = `${text(y)} was measured in this trace`;
      link.ariaLabel = link.title;
      // One that lies outside of the values that are drawn stands at the edge.
      const top = Math.max(0, Math.min(plot.over.clientHeight, plot.valToPos(y, "y")));
      link.style.left = `${plot.valToPos(x, "x")}px`;
      link.style.top = `${top}px`;
      return link;
    });
  for (const old of plot.over.querySelectorAll(".exemplar")) old.remove();
  plot.over.append(...links);
}
