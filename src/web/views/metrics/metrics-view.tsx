import type { JSX } from "preact";
import type { ListMetricsResponseJson, MetricJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { loneTime } from "../../format/dates.ts";
import { exactTime, parseTime } from "../../format/time.ts";
import { countOf, numberText } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useKeys } from "../../parts/keys.ts";
import { useRepeated } from "../../parts/live.ts";
import { NameText } from "../../parts/name-text.tsx";
import { NothingHeld } from "../../parts/nothing-held.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { useFirst } from "../../parts/show-more.tsx";
import { WideTable } from "../../parts/wide-table.tsx";
import { route, setParams, stepToParams, zone } from "../../state/address.ts";
import { ChartCard } from "./chart-card.tsx";
import { type Chart, chartChanges, chartsOf, maxCharts, ranges, typeName } from "./charts.ts";
import "../../styles/metrics.css";

const mostListed = 1_000;
const noWindow = { since: "", until: "" };

/** The metrics that are held, and charts of those that are chosen. */
export function MetricsView(): JSX.Element {
  const { params } = route.value;
  const { answer, refusal } = useRepeated(
    "metrics",
    (abort) => call("ListMetrics", { limit: mostListed }, abort),
    2_000,
    "metrics",
  );
  const { metrics = [], leftOut = 0 } = answer.value ?? {};
  const find = params.find ?? "";
  // The server finds among those that are not listed too.
  const isAsked = leftOut > 0 && find !== "";
  const { answer: asked } = useRepeated(
    isAsked ? `metrics with ${find}` : "",
    async (abort): Promise<ListMetricsResponseJson> =>
      isAsked
        ? call("ListMetrics", { limit: mostListed, filter: { textContains: find.slice(0, 256) } }, abort)
        : {},
    2_000,
    "metrics",
  );
  const charts = chartsOf(params);
  const setCharts = (next: readonly Chart[]) => stepToParams(chartChanges(next));
  const isZoomed = Boolean(params.since && params.until);
  useKeys({ Escape: () => stepToParams(noWindow) });

  const wanted = find.toLowerCase();
  const shown = ((isAsked && asked.value?.metrics) || metrics).filter(
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
        <NothingHeld
          signal="metrics"
          one="data point"
          hint="Metrics appear here as they come; an SDK sends them each minute, unless OTEL_METRIC_EXPORT_INTERVAL says otherwise."
        />
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
                    onClick={() => stepToParams({ range: value, ...noWindow })}
                  >
                    {title}
                  </button>
                ),
              )}
            </fieldset>
            {isZoomed ? (
              <span class="chip">
                {wholeTime(params.since)} to {wholeTime(params.until)}{" "}
                <button type="button" aria-label="show all times" onClick={() => stepToParams(noWindow)}>
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
                value={find}
                placeholder="name or service"
                autocomplete="off"
                onInput={({ currentTarget }) => setParams({ find: currentTarget.value })}
              />
            </label>
            <span role="status" class="quiet">
              {find !== "" && `${numberText(shown.length)} of `}
              {countOf(metrics.length + leftOut, "metric")}
              {find === "" && leftOut > 0 && `; ${numberText(leftOut)} are not listed`}
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

/** Of one metric. */
const mostServices = 5;
/** More rows take longer to draw than a person waits without noticing. */
const rowsAtFirst = 300;

interface MetricTableProps {
  readonly metrics: readonly MetricJson[];
  readonly isDrawn: (name: string) => boolean;
  readonly isFull: boolean;
  readonly toggle: (name: string) => void;
}

function MetricTable({ metrics, isDrawn, isFull, toggle }: MetricTableProps): JSX.Element {
  const { first, more } = useFirst(metrics, rowsAtFirst, "metrics");
  return (
    <>
      <div class="held">
        <WideTable label="Metrics that are held" rowKeys>
          <ColumnHeads columns={metricColumns} />
          <tbody>
            {first.map(
              ({
                name = "",
                type,
                unit = "",
                series,
                points,
                newestTime,
                services = [],
                description = "",
              }) => {
                const newest = parseTime(newestTime);
                const kind = typeName(type);
                const drawn = isDrawn(name);
                return (
                  <tr key={JSON.stringify([name, kind, unit])}>
                    <td class="mono">
                      <label>
                        <input
                          type="checkbox"
                          checked={drawn}
                          disabled={!drawn && isFull}
                          onChange={() => toggle(name)}
                        />{" "}
                        <NameText name={name} none="(no name)" />
                      </label>
                    </td>
                    <td>{kind}</td>
                    <td class="unit-of">
                      <NameText name={unit} none="" />
                    </td>
                    <td class="figure">{numberText(series ?? 0)}</td>
                    <td class="figure">{numberText(points ?? 0)}</td>
                    <td class="mono">{newest === undefined ? "–" : loneTime(newest, zone.value)}</td>
                    <td>
                      {services.slice(0, mostServices).map((service) => (
                        <ServiceName key={service} service={service} />
                      ))}
                      {services.length > mostServices &&
                        `and ${numberText(services.length - mostServices)} more`}
                    </td>
                    <td class="description-of">
                      <NameText name={description} none="" />
                    </td>
                  </tr>
                );
              },
            )}
          </tbody>
        </WideTable>
      </div>
      {more}
    </>
  );
}
