import type { JSX } from "preact";
import { call } from "../../api/call.ts";
import { parseSeconds, shortDuration } from "../../format/time.ts";
import { countOf } from "../../format/value.ts";
import { useRepeated } from "../../parts/live.ts";
import { ServiceName } from "../../parts/service-name.tsx";
import { hrefTo } from "../../state/address.ts";

export function ServicesView(): JSX.Element {
  const { answer, refusal } = useRepeated(
    "operations",
    (abort) => call("SummarizeSpans", { groupBy: ["service", "name"], limit: 500 }, abort),
    2_000,
  );
  const { groups = [], matched = 0, leftOutGroups = 0 } = answer.value ?? {};
  const time = (seconds: string | undefined) => {
    const nanos = parseSeconds(seconds);
    return nanos === undefined ? "–" : shortDuration(nanos);
  };
  return (
    <section class="view scroll" aria-label="Services">
      <h1 class="sr">Services</h1>
      <p role="status">
        {answer.value && `${countOf(groups.length, "operation")} of ${countOf(matched, "span")} held`}
        {leftOutGroups > 0 && `; ${countOf(leftOutGroups, "smaller operation")} are not shown`}
      </p>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {answer.value && groups.length === 0 && (
        <p class="empty">No span is held. Operations appear here as they come.</p>
      )}
      {groups.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">service</th>
              <th scope="col">operation</th>
              {["spans", "a second", "errors", "p50", "p95", "p99", "longest"].map((name) => (
                <th key={name} scope="col" class="figure">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map(({ group = {}, count = 0, rate, errorCount = 0, p50, p95, p99, max, ...traces }) => {
              const { service = "", name = "" } = group;
              return (
                <tr key={`${service}\n${name}`}>
                  <td>
                    <ServiceName service={service} />
                  </td>
                  <td>
                    <a href={hrefTo({ view: "traces", params: { service, name } })}>{name || "(no name)"}</a>
                  </td>
                  <td class="figure">{count.toLocaleString("en")}</td>
                  <td class="figure">{rate === undefined ? "–" : Number(Number(rate).toPrecision(3))}</td>
                  <td class="figure">
                    {errorCount > 0 && (
                      <a class="error" href={hrefTo({ view: "trace", id: traces.newestErrorTraceId ?? "" })}>
                        ✗ {errorCount}
                      </a>
                    )}
                  </td>
                  <td class="figure">{time(p50)}</td>
                  <td class="figure">{time(p95)}</td>
                  <td class="figure">{time(p99)}</td>
                  <td class="figure">
                    {traces.slowestTraceId ? (
                      <a href={hrefTo({ view: "trace", id: traces.slowestTraceId })}>{time(max)}</a>
                    ) : (
                      time(max)
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
