import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId, useMemo, useRef } from "preact/hooks";
import type { MetricJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { serverNowMs } from "../../api/server-clock.ts";
import { metricText } from "../../format/metric-value.ts";
import { countOf } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useRepeated } from "../../parts/live.ts";
import { Breakable, NameText } from "../../parts/name-text.tsx";
import { useFirst } from "../../parts/show-more.tsx";
import { route, stepToParams } from "../../state/address.ts";
import { chartData, noData } from "./chart-data.ts";
import { type Chart, functionsFor, typeName, windowBetween, windowOf } from "./charts.ts";
import { HeatMap } from "./heat-map.tsx";
import { hueClass, huesOf } from "./line-hues.ts";
import { Plot } from "./plot.tsx";

/** Lines in the table before somebody asks for more. */
const mostInTable = 40;

interface ChartCardProps {
  readonly chart: Chart;
  /** As ListMetrics tells of it; undefined when it is not held any more. */
  readonly metric: MetricJson | undefined;
  readonly change: (chart: Chart) => void;
  readonly remove: () => void;
}

/** A chart of one metric, with what is chosen of it and its lines as a table. */
export function ChartCard({ chart, metric, change, remove }: ChartCardProps): JSX.Element {
  const { name, fn, by, service } = chart;
  const { params } = route.value;
  const { since = "", until = "", range = "" } = params;
  const id = useId();
  /** Keys of the lines that are not drawn. */
  const hidden = useSignal<ReadonlySet<string>>(new Set());
  const hues = useRef<ReadonlyMap<string, number>>(new Map());
  const groupBy = by
    .split(",")
    .map((key) => key.trim())
    .filter((key) => key !== "")
    .map(groupKey);
  const { answer, refusal } = useRepeated(
    JSON.stringify([chart, since, until, range]),
    (abort) => {
      const filter = { ...windowOf(params, serverNowMs()), ...(service !== "" && { service }) };
      // Buckets are those of all series.
      const lines = fn === "buckets" ? [] : groupBy;
      return call("QueryMetric", { name, filter, function: fn, groupBy: lines }, abort);
    },
    2_000,
    // A range that ends now goes on by itself.
    range !== "" && since === "" ? "" : "metrics",
  );
  const keys = useRepeated(
    `keys of ${name}`,
    (abort) => call("ListAttributes", { metrics: { name }, limit: 50, values: 1 }, abort),
    30_000,
    "metrics",
  );
  const found = answer.value;
  const type = typeName(found?.type ?? metric?.type);
  const asked = found?.function ?? fn;
  const isDistribution = asked === "buckets";
  const isCounted = isDistribution || (/^(?:count|rate)$/.test(asked) && type !== "sum");
  const ofMetric = (value: number) => metricText(value, found?.unit ?? "", "");
  const data = useMemo(() => (found === undefined ? noData : chartData(found, ofMetric)), [found]);
  const { first, more } = useFirst(data.lines, mostInTable, "lines");
  hues.current = huesOf(data.lines, hues.current);
  const zoom = (fromMs: number, toMs: number) => stepToParams(windowBetween(fromMs, toMs));
  const text = (value: number) => metricText(value, isCounted ? "" : (found?.unit ?? ""), asked);
  const show = (value: number | undefined) => (value === undefined ? "–" : text(value));
  const { leftOutSeries: leftOut = 0, leftOutPoints = 0 } = found ?? {};
  return (
    <article class="chart-card" aria-labelledby={id}>
      <div class="bar">
        <h2 id={id} class="mono" title={found?.description}>
          <Breakable text={name} />
        </h2>
        <span class="quiet">{type}</span>
        <button type="button" class="small" aria-label={`remove the chart of ${name}`} onClick={remove}>
          ×
        </button>
      </div>
      <div class="bar">
        <label>
          show{" "}
          <select
            value={asked}
            onChange={({ currentTarget }) => change({ ...chart, fn: currentTarget.value })}
          >
            {functionsFor(type, found?.monotonic ?? false).map((known) => (
              <option key={known} value={known}>
                {known}
              </option>
            ))}
          </select>
        </label>
        {!isDistribution && (
          <label>
            a line for each{" "}
            <input
              value={by}
              list={`${id}-keys`}
              placeholder="series"
              size={14}
              autocomplete="off"
              onChange={({ currentTarget }) => change({ ...chart, by: currentTarget.value })}
            />
          </label>
        )}
        <datalist id={`${id}-keys`}>
          <option value={oneLine} />
          <option value="service" />
          {(keys.answer.value?.attributes ?? []).map(({ key = "" }) => (
            <option key={key} value={key} />
          ))}
        </datalist>
        {(metric?.services?.length ?? 0) > 1 && (
          <label>
            service{" "}
            <select
              value={service}
              onChange={({ currentTarget }) => change({ ...chart, service: currentTarget.value })}
            >
              <option value="">all</option>
              {metric?.services?.map((known) => (
                <option key={known} value={known}>
                  {known}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {found !== undefined && data.lines.length === 0 && refusal.value === "" && (
        <p class="empty">No data point of this metric is held in this time.</p>
      )}
      {data.lines.length > 0 && (
        <>
          {isDistribution ? (
            <HeatMap
              data={data}
              label={`${name}, its distribution over time; the table below has the figures`}
              text={(count) => countOf(Math.round(count), "measurement")}
              valueText={ofMetric}
              onZoom={zoom}
            />
          ) : (
            <Plot
              data={data}
              label={`${name}, ${asked}, over time; the table below has the figures`}
              hidden={hidden.value}
              hues={hues.current}
              inBytes={found?.unit === "By" && !isCounted}
              text={text}
              onZoom={zoom}
            />
          )}
          <table class="legend">
            <ColumnHeads columns={[asked, { figure: "newest" }, { figure: "least" }, { figure: "most" }]} />
            <tbody>
              {first.map(({ key, label, newest, least, most }) => {
                const isHidden = hidden.value.has(key);
                return (
                  <tr key={key}>
                    <td>
                      {isDistribution ? (
                        <NameText name={label} none="all" />
                      ) : (
                        <button
                          type="button"
                          class={`service ${hueClass(hues.current.get(key))}`}
                          aria-pressed={!isHidden}
                          title={isHidden ? "draw this line" : "do not draw this line"}
                          onClick={() => {
                            const next = new Set(hidden.value);
                            if (!next.delete(key)) next.add(key);
                            hidden.value = next;
                          }}
                        >
                          <i aria-hidden="true" />
                          <NameText name={label} none="all" />
                        </button>
                      )}
                    </td>
                    <td class="figure">{show(newest)}</td>
                    <td class="figure">{show(least)}</td>
                    <td class="figure">{show(most)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          <p class="quiet">
            {more} {countOf(found?.points ?? 0, "data point")}
            {leftOut > 0 && `; ${countOf(leftOut, "smaller line")} left out`}
            {leftOutPoints > 0 &&
              `; ${countOf(leftOutPoints, "data point")} left out, of another type or unit, or that cannot be told`}
            {data.notDrawn > 0 &&
              `; nothing drawn at ${countOf(data.notDrawn, "step")}, where the value is no number, infinite or beyond 1e300`}
          </p>
        </>
      )}
    </article>
  );
}

/** One line for all, since all series of a metric have its name. */
const oneLine = "name";

/** As QueryMetric takes it: what a person types without a prefix is an attribute. */
function groupKey(key: string): string {
  return key === oneLine || key === "service" || key.startsWith("attributes.") ? key : `attributes.${key}`;
}
