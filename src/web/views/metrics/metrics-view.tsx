import type { JSX } from "preact";
import { call } from "../../api/call.ts";
import { clockTime, parseTime } from "../../format/time.ts";
import { countOf } from "../../format/value.ts";
import { useRepeated } from "../../parts/live.ts";
import { ServiceName } from "../../parts/service-name.tsx";
import { zone } from "../../state/address.ts";

export function MetricsView(): JSX.Element {
  const { answer, refusal } = useRepeated(
    "metrics",
    (abort) => call("ListMetrics", { limit: 1_000 }, abort),
    2_000,
  );
  const { metrics = [], leftOut = 0 } = answer.value ?? {};
  return (
    <section class="view scroll" aria-label="Metrics">
      <h1 class="sr">Metrics</h1>
      <p role="status">
        {answer.value && countOf(metrics.length, "metric")}
        {leftOut > 0 && `; ${countOf(leftOut, "more", "more")} are not shown`}
      </p>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {answer.value && metrics.length === 0 && (
        <p class="empty">
          No data point is held. Metrics appear here as they come; an SDK sends them each minute, unless
          OTEL_METRIC_EXPORT_INTERVAL says otherwise.
        </p>
      )}
      {metrics.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">name</th>
              <th scope="col">type</th>
              <th scope="col">unit</th>
              <th scope="col" class="figure">
                series
              </th>
              <th scope="col" class="figure">
                points
              </th>
              <th scope="col">newest</th>
              <th scope="col">services</th>
              <th scope="col">description</th>
            </tr>
          </thead>
          <tbody>
            {metrics.map(
              ({ name = "", type, unit = "", series, points, newestTime, services = [], description }) => {
                const newest = parseTime(newestTime);
                const kind = String(type ?? "")
                  .replace("METRIC_TYPE_", "")
                  .toLowerCase()
                  .replaceAll("_", " ");
                return (
                  <tr key={`${name}\n${kind}\n${unit}`}>
                    <td class="mono">{name}</td>
                    <td>{kind}</td>
                    <td>{unit}</td>
                    <td class="figure">{series}</td>
                    <td class="figure">{points}</td>
                    <td class="mono">{newest === undefined ? "–" : clockTime(newest, zone.value)}</td>
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
        </table>
      )}
    </section>
  );
}
