import type { JSX } from "preact";
import type { MetricJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { loneTime } from "../../format/dates.ts";
import { exactTime, parseTime } from "../../format/time.ts";
import { countOf } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useKeys } from "../../parts/keys.ts";
import { useRepeated } from "../../parts/live.ts";
import { ServiceName } from "../../parts/service-name.tsx";
import { WideTable } from "../../parts/wide-table.tsx";
import { route, setParams, zone } from "../../state/address.ts";
import { ChartCard } from "./chart-card.tsx";
import { type Chart, chartChanges, chartsOf, maxCharts, ranges, typeName } from "./charts.ts";
import "../../styles/metrics.css";

const noWindow = { since: "", until: "" };

/** The metrics that are held, and charts of those that are chosen. */
export function MetricsView(): JSX.Element {
  const { params } = route.value;
  const { answer, refusal } = useRepeated(
    "metrics",
    (abort) => call("ListMetrics", { limit: 1_000 }, abort),
    2_000,
  );
  const { metrics = [], leftOut = 0 } = answer.value ?? {};
  const charts = chartsOf(params);
  const setCharts = (next: readonly Chart[]) => setParams(chartChanges(next));
  const isZoomed = Boolean(params.since && params.until);
  useKeys({ Escape: () => setParams(noWindow) });

  const wanted = (params.find ?? "").toLowerCase();
  const shown = metrics.filter(
    ({ name = "", services = [] }) =>
      name.toLowerCase().includes(wanted) ||
      services.some((service) => service.toLowerCase().includes(wanted)),
  );
  const toggle = (name: string) => {
    const others = charts.filter((chart) => chart.name !== name);
    setCharts(others.length < charts.length ? others : [...charts, { name, fn: "", by: "", service: "" }]);
  };
  return (
    <section class="view scroll metrics" aria-label="Metrics">
      <h1 class="sr">Metrics</h1>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {answer.value && metrics.length === 0 && (
        <p class="empty">
          No data point is held. Metrics appear here as they come; an SDK sends them each minute, unless
          OTEL_METRIC_EXPORT_INTERVAL says otherwise.
        </p>
      )}
      {charts.length > 0 && (
        <>
          <div class="bar times">
            <fieldset>
              <legend class="sr">Time that the charts show</legend>
              {[["all that is held", ""], ...ranges.map(([name]) => [`last ${name}`, name])].map(
                ([title, value = ""]) => (
                  <button
                    key={title}
                    type="button"
                    aria-pressed={!isZoomed && (params.range ?? "") === value}
                    onClick={() => setParams({ range: value, ...noWindow })}
                  >
                    {title}
                  </button>
                ),
              )}
            </fieldset>
            {isZoomed ? (
              <span class="chip">
                {wholeTime(params.since)} to {wholeTime(params.until)}{" "}
                <button type="button" aria-label="show all times" onClick={() => setParams(noWindow)}>
                  ×
                </button>
              </span>
            ) : (
              <span class="quiet">drag over a chart to look closer</span>
            )}
          </div>
          <div class="charts">
            {charts.map((chart, index) => (
              <ChartCard
                key={chart.name}
                chart={chart}
                metric={metrics.find(({ name }) => name === chart.name)}
                change={(next) => setCharts(charts.with(index, next))}
                remove={() => setCharts(charts.toSpliced(index, 1))}
              />
            ))}
          </div>
        </>
      )}
      {metrics.length > 0 && (
        <>
          <div class="bar">
            <label>
              find{" "}
              <input
                data-filter
                value={params.find ?? ""}
                placeholder="name or service"
                autocomplete="off"
                onInput={({ currentTarget }) => setParams({ find: currentTarget.value })}
              />
            </label>
            <span role="status" class="quiet">
              {shown.length < metrics.length && `${shown.length} of `}
              {countOf(metrics.length, "metric")}
              {leftOut > 0 && `; ${countOf(leftOut, "more", "more")} are not shown`}
              {charts.length === 0 && "; choose some to draw them"}
            </span>
          </div>
          <MetricTable
            metrics={shown}
            isDrawn={(name) => charts.some((chart) => chart.name === name)}
            isFull={charts.length >= maxCharts}
            toggle={toggle}
          />
        </>
      )}
    </section>
  );
}

function wholeTime(text: string | undefined): string {
  const time = parseTime(text);
  // To the millisecond: a drag is no more exact.
  return time === undefined ? String(text) : exactTime(time, zone.value).replace(/(\.\d{3})\d{6}/, "$1");
}

const metricColumns = [
  "name",
  "type",
  "unit",
  { figure: "series" },
  { figure: "points" },
  "newest",
  "services",
  "description",
];

interface MetricTableProps {
  readonly metrics: readonly MetricJson[];
  readonly isDrawn: (name: string) => boolean;
  readonly isFull: boolean;
  readonly toggle: (name: string) => void;
}

function MetricTable({ metrics, isDrawn, isFull, toggle }: MetricTableProps): JSX.Element {
  return (
    <WideTable label="Metrics">
      <ColumnHeads columns={metricColumns} />
      <tbody>
        {metrics.map(
          ({ name = "", type, unit = "", series, points, newestTime, services = [], description }) => {
            const newest = parseTime(newestTime);
            const kind = typeName(type);
            const drawn = isDrawn(name);
            return (
              <tr key={`${name}\n${kind}\n${unit}`}>
                <td class="mono">
                  <label>
                    <input
                      type="checkbox"
                      checked={drawn}
                      disabled={!drawn && isFull}
                      onChange={() => toggle(name)}
                    />{" "}
                    {name}
                  </label>
                </td>
                <td>{kind}</td>
                <td>{unit}</td>
                <td class="figure">{series}</td>
                <td class="figure">{points}</td>
                <td class="mono">{newest === undefined ? "–" : loneTime(newest, zone.value)}</td>
                <td>
                  {services.map((service) => (
                    <ServiceName key={service} service={service} />
                  ))}
                </td>
                <td>{description}</td>
              </tr>
            );
          },
        )}
      </tbody>
    </WideTable>
  );
}
