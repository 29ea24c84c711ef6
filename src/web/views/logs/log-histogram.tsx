import type { JSX } from "preact";
import type { LogFilterJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { dateForm, listTime } from "../../format/dates.ts";
import { shortDuration } from "../../format/time.ts";
import { countOf, numberText } from "../../format/value.ts";
import { useRepeated } from "../../parts/live.ts";
import { OutsideAxis } from "../../parts/outside-axis.tsx";
import { useDragAcross } from "../../parts/use-drag-across.ts";
import { route, stepToParams, zone } from "../../state/address.ts";
import { levels, outsideTimes, sum, timesBetween } from "./histogram.ts";
import { type FittedHistogram, readHistogram } from "./read-histogram.ts";
import "../../styles/logs.css";

const height = 46;

/** How many log records there are over time and of which severity; the former chooses a time, the latter a severity. */
export function LogHistogram({ filter }: { readonly filter: LogFilterJson }): JSX.Element | null {
  // All severities are counted, so that the person sees what the choice of one leaves out.
  const { minSeverity: _, ...logs } = filter;
  const { answer } = useRepeated(
    `histogram ${JSON.stringify(logs)}`,
    (abort) => readHistogram(logs, abort),
    2_000,
    "logs",
  );
  const { value: fitted } = answer;
  if (fitted === undefined) return null;
  return (
    <div class="histogram">
      <Bars fitted={fitted} />
      <Severities totals={fitted.totals} />
    </div>
  );
}

function Bars({ fitted }: { readonly fitted: FittedHistogram }): JSX.Element {
  const { histogram, earlier, later } = fitted;
  const { start, step, bars, highest } = histogram;
  const { dragged, listeners } = useDragAcross(({ from, to }) =>
    stepToParams(timesBetween(histogram, from, to)),
  );
  const end = start + BigInt(bars.length) * step;
  const dates = dateForm(start, end, zone.value);
  const text = (nanos: bigint) => listTime(nanos, zone.value, dates);
  const all = countOf(
    bars.reduce((records, bar) => records + sum(bar), 0),
    "log record",
  );
  const label = `${all} from ${text(start)} to ${text(end)}, ${shortDuration(step)} a bar`;
  return (
    <figure aria-label={label}>
      <OutsideAxis
        earlier={earlier}
        later={later}
        what="log records"
        choose={(side) => stepToParams(outsideTimes(histogram, side))}
      />
      <svg viewBox={`0 0 ${bars.length} ${height}`} preserveAspectRatio="none" {...listeners}>
        <title>{`${label}; drag to choose a time`}</title>
        {bars.map((bar, index) => {
          let top = height;
          return bar.map((records, level) => {
            if (records === 0) return null;
            // A single error among thousands has to be seen.
            const size = Math.max(1.5, (records / highest) * (height - 2));
            top -= size;
            return (
              <rect
                key={`${index} ${levels[level]}`}
                class={`bar-of ${levels[level]}`}
                x={index + 0.08}
                y={Math.max(0, top)}
                width={0.84}
                height={size}
              />
            );
          });
        })}
        {dragged !== undefined && (
          <rect
            class="dragged"
            x={dragged.from * bars.length}
            y={0}
            width={(dragged.to - dragged.from) * bars.length}
            height={height}
          />
        )}
      </svg>
      <figcaption>
        <span>{text(start)}</span>
        <span>{shortDuration(step)} a bar</span>
        <span>{text(end)}</span>
      </figcaption>
    </figure>
  );
}

function Severities({ totals }: { readonly totals: readonly number[] }): JSX.Element {
  const { severity = "" } = route.value.params;
  return (
    <fieldset>
      <legend class="sr">Severity</legend>
      {levels.map((level, index) => {
        const records = totals[index] ?? 0;
        if (records === 0) return null;
        const count = numberText(records);
        const sign = level === "error" || level === "fatal" ? "✗ " : "";
        const isChosen = severity === level;
        // Records without a severity are found by none.
        if (level === "unspecified") return <span key={level}>{`no severity ${count}`}</span>;
        return (
          <button
            key={level}
            type="button"
            class={`severity ${level}`}
            aria-pressed={isChosen}
            title={isChosen ? "show all severities" : `show ${level} and worse`}
            onClick={() => stepToParams({ severity: isChosen ? "" : level })}
          >
            {`${sign}${level} ${count}`}
          </button>
        );
      })}
    </fieldset>
  );
}
