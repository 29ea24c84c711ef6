import type { JSX } from "preact";
import { call } from "../../api/call.ts";
import { shortSeconds } from "../../format/time.ts";
import { countOf, numberText } from "../../format/value.ts";
import { useRepeated } from "../../parts/live.ts";
import { NameText } from "../../parts/name-text.tsx";
import { NothingHeld } from "../../parts/nothing-held.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { WideTable } from "../../parts/wide-table.tsx";
import { hrefTo, route, stepToParams } from "../../state/address.ts";
import { ServiceGraph } from "./service-graph.tsx";
import { type Column, columns, nextOrder, orderOf, sortOperations } from "./sort-operations.ts";
import "../../styles/services.css";

/** What services do, and which calls which. */
export function ServicesView(): JSX.Element {
  const { show = "" } = route.value.params;
  return (
    <section class="view scroll" aria-label="Services">
      <h1 class="sr">Services</h1>
      <div class="tabs">
        {[
          ["operations", ""],
          ["graph", "graph"],
        ].map(([title, value = ""]) => (
          <button
            key={title}
            type="button"
            aria-pressed={show === value}
            onClick={() => stepToParams({ show: value })}
          >
            {title}
          </button>
        ))}
      </div>
      {show === "graph" ? <ServiceGraph /> : <Operations />}
    </section>
  );
}

function Operations(): JSX.Element {
  const { answer, refusal } = useRepeated(
    "operations",
    (abort) => call("SummarizeSpans", { groupBy: ["service", "name"], limit: 500 }, abort),
    2_000,
    "traces",
  );
  const order = orderOf(route.value.params.sort);
  const { groups = [], matched = 0, leftOutGroups = 0 } = answer.value ?? {};
  return (
    <>
      <p role="status">
        {answer.value && `${countOf(groups.length, "operation")} of ${countOf(matched, "span")} held`}
        {leftOutGroups > 0 && `; ${countOf(leftOutGroups, "smaller operation")} are not shown`}
      </p>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {answer.value && groups.length === 0 && (
        <NothingHeld signal="traces" one="span" hint="Operations appear here as they come." />
      )}
      {groups.length > 0 && (
        <WideTable label="Operations" rowKeys>
          <thead>
            <tr>
              {(Object.keys(columns) as Column[]).map((column) => {
                const isChosen = order.column === column;
                const isText = column === "service" || column === "name";
                return (
                  <th
                    key={column}
                    scope="col"
                    class={isText ? "" : "figure"}
                    aria-sort={isChosen ? (order.largestFirst ? "descending" : "ascending") : "none"}
                  >
                    <button type="button" onClick={() => stepToParams({ sort: nextOrder(order, column) })}>
                      {columns[column]}
                      {isChosen && (order.largestFirst ? " ↓" : " ↑")}
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {sortOperations(groups, order).map(
              ({ group = {}, count = 0, rate, errorCount = 0, p50, p95, p99, max, ...traces }) => {
                const { service = "", name = "" } = group;
                return (
                  <tr key={JSON.stringify([service, name])}>
                    <td>
                      <ServiceName service={service} />
                    </td>
                    <td>
                      <a href={hrefTo({ view: "traces", params: { service, name } })}>
                        <NameText name={name} none="(no name)" />
                      </a>
                    </td>
                    <td class="figure">{numberText(count)}</td>
                    <td class="figure">{rate === undefined ? "–" : rateText(Number(rate))}</td>
                    <td class="figure">
                      {errorCount > 0 && (
                        <a
                          class="error"
                          href={hrefTo({ view: "trace", id: traces.newestErrorTraceId ?? "" })}
                        >
                          ✗ {numberText(errorCount)}
                        </a>
                      )}
                    </td>
                    <td class="figure">{shortSeconds(p50)}</td>
                    <td class="figure">{shortSeconds(p95)}</td>
                    <td class="figure">{shortSeconds(p99)}</td>
                    <td class="figure">
                      {traces.slowestTraceId ? (
                        <a href={hrefTo({ view: "trace", id: traces.slowestTraceId })}>{shortSeconds(max)}</a>
                      ) : (
                        shortSeconds(max)
                      )}
                    </td>
                  </tr>
                );
              },
            )}
          </tbody>
        </WideTable>
      )}
    </>
  );
}

function rateText(perSecond: number): string {
  return perSecond.toLocaleString("en", { maximumSignificantDigits: 3 });
}
