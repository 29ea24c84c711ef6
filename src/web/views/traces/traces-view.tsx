import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { TraceSummaryJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { CallError, call } from "../../api/call.ts";
import { dateFormOf } from "../../format/dates.ts";
import { wentText } from "../../format/nothing.ts";
import { countOf, numberText } from "../../format/value.ts";
import { DownloadButton } from "../../parts/download/download-button.tsx";
import { FilterBar } from "../../parts/filter-bar.tsx";
import { useEvictedWords, useHeldRows } from "../../parts/held-rows.ts";
import { useKeys } from "../../parts/keys.ts";
import { useListFind } from "../../parts/list-find.tsx";
import { useClearings, useLiveList, useStats } from "../../parts/live.ts";
import { ListNotices, LiveState } from "../../parts/notices.tsx";
import { HeadCell } from "../../parts/table.tsx";
import { TimeHead } from "../../parts/time-cell.tsx";
import { moveKeys, VirtualRows } from "../../parts/virtual-rows.tsx";
import { goTo, route, setParams, stepToParams, zone } from "../../state/address.ts";
import { isFiltered, type TraceFilter, tooManyExcluded, traceFilter } from "../../state/filters.ts";
import type { PagePlace, Rows } from "../../state/live-rows.ts";
import { FirstMinute } from "../start/first-minute.tsx";
import { ScatterPlot } from "./scatter-plot.tsx";
import { inOrderOf, isRange, listedTraces, type Sort, sortOf, sorts } from "./trace-figures.ts";
import { TraceRow } from "./trace-row.tsx";
import "../../styles/traces.css";

const rules = {
  keyOf: (trace: TraceSummaryJson) => trace.traceId ?? "",
  // Rows are on the screen sooner when the first page is small.
  firstPageSize: 100,
  // The server sums up each of them.
  newSize: 200,
  pageSize: 500,
  maxRows: 5_000,
};

export function TracesView(): JSX.Element {
  const { params } = route.value;
  const wanted = traceFilter(params);
  const filtered = isFiltered(wanted.filter) || wanted.without !== undefined;
  const { answer: stats } = useStats();
  const figures = stats.value?.signals?.traces;
  const key = JSON.stringify(wanted);
  const clearings = useClearings(figures);
  const evictedWords = useEvictedWords(`${key} ${clearings}`, figures);
  const tooMany = tooManyExcluded(wanted);
  const list = useLiveList(key, clearings, rules, async (place, abort, rows) => {
    if (tooMany !== undefined) throw new CallError("not_sent", tooMany);
    const answer = await call("SearchTraces", { ...wanted, ...place }, abort);
    const hasRows = rows.shown.length + rows.waiting.length > 0;
    // The cursor moves on with each span that arrives, whether it matches or not.
    const hasNew = place.after !== undefined && place.after !== "" && answer.cursor !== place.after;
    const changed = filtered && hasRows && hasNew ? await changedTraces(place, abort) : [];
    const { gone, goneUnknown } = await excludedTraces(wanted, place, changed, rows, abort);
    const { traces = [], cursor = "", previous = "", missed = "0", unreadable = "0" } = answer;
    return {
      items: traces,
      changed,
      gone,
      goneUnknown,
      cursor,
      previous,
      missed: Number(missed),
      unreadable: Number(unreadable),
    };
  });
  const { shown, previous } = list.rows.value;
  const held = useHeldRows(list, figures);
  const sort = sortOf(params.sort);
  const { since, until, min, max } = params;
  const isStill = list.still.value;
  const before = useRef<{ readonly sort: Sort; readonly listed: readonly TraceSummaryJson[] }>({
    sort,
    listed: [],
  });
  const listed = useMemo(() => {
    const now = listedTraces(held, params, sort);
    return isStill && before.current.sort === sort ? inOrderOf(before.current.listed, now) : now;
  }, [held, sort, since, until, min, max, isRange(params), isStill]);
  before.current = { sort, listed };
  useEffect(() => {
    if (shown.length < (sort === "newest" ? rules.pageSize : rules.maxRows)) list.loadOlder();
  }, [sort, shown.length, previous]);
  // By its id, because rows move when others come.
  const { row: chosen = "" } = params;
  const selected = listed.findIndex(({ traceId }) => traceId === chosen);
  const choose = ({ traceId = "" }: TraceSummaryJson) => setParams({ row: traceId });
  const open = (trace: TraceSummaryJson | undefined) => {
    if (!trace?.traceId) return;
    // So that the way back leads to it.
    choose(trace);
    goTo({ view: "trace", id: trace.traceId });
  };
  const hold = (inside: boolean) => {
    list.busy.value = inside;
  };
  const select = (index: number) => {
    choose(listed[index] ?? {});
  };
  const find = useListFind(listed, selected, select);
  useKeys({
    ...moveKeys(listed.length, selected, select),
    ...find.keys,
    Enter: () => open(listed[selected]),
  });

  const dates = dateFormOf(
    listed.map(({ startTime }) => startTime),
    zone.value,
  );
  if (shown.length === 0 && !filtered && figures !== undefined && figures.items === "0") {
    return <FirstMinute stats={stats.value} />;
  }
  return (
    <section class="view traces" aria-label="Traces">
      <h1 class="sr">Traces</h1>
      <FilterBar kind="spans" refusal={tooMany === undefined ? list.refusal.value : ""} problem={tooMany} />
      <div class="bar">
        <span role="status">
          {list.refusal.value === "" && (
            <>
              {previous !== "" &&
                (sort === "newest" ? "the newest " : `${sorts[sort]} first, of the newest `)}
              {countOf(listed.length, "trace")}
              {filtered && (listed.length === 1 ? " that matches" : " that match")}
              {listed.length > 0 && evictedWords}
              {figures &&
                (listed.length === 0 || figures.items !== "0") &&
                `; ${countOf(Number(figures.items), "span")} held, ${numberText(Number(figures.evicted))} evicted`}
            </>
          )}
        </span>
        <label>
          sort{" "}
          <select
            value={sort}
            onChange={({ currentTarget: { value } }) =>
              stepToParams({ sort: value === "newest" ? "" : value })
            }
          >
            {Object.entries(sorts).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {listed.length > 0 && (
          <DownloadButton
            what="The traces that are listed"
            save={async (abort, tell) =>
              (await import("../../parts/download/save-traces.ts")).saveTraces(
                listed.map(({ traceId = "" }) => traceId),
                abort,
                tell,
              )
            }
          />
        )}
        {find.field}
        <LiveState list={list} />
      </div>
      <ListNotices list={list} what="traces" />
      <ScatterPlot
        traces={listed}
        selected={listed[selected]}
        open={open}
        choose={(range) => stepToParams(isRange(params) ? range : timesOf(range))}
        onPointer={hold}
      />
      {listed.length === 0 ? (
        <p class="empty">
          {list.loading.value || list.refusal.value !== "" ? "" : nothingMatches(wanted, figures?.evicted)}
        </p>
      ) : (
        <VirtualRows
          role="grid"
          label={`Traces, ${sorts[sort]} first`}
          count={listed.length}
          selected={selected}
          selectedKey={chosen}
          onPointer={hold}
          onEnd={list.loadOlder}
          onAway={(away) => {
            list.away.value = away;
          }}
          head={
            <>
              <TimeHead dates={dates} />
              <HeadCell class="duration">duration</HeadCell>
              <HeadCell class="count">spans</HeadCell>
              <HeadCell class="name">name</HeadCell>
              <HeadCell class="services">services</HeadCell>
              <HeadCell class="error-text">error</HeadCell>
            </>
          }
          row={(index) => (
            <TraceRow
              key={listed[index]?.traceId}
              trace={listed[index] ?? {}}
              dates={dates}
              index={index}
              selected={index === selected}
              hit={find.hits.has(index)}
              choose={choose}
              open={open}
            />
          )}
        />
      )}
    </section>
  );
}

/** All traces that have new spans: of one that is listed spans may come that do not match. */
async function changedTraces(place: PagePlace, abort: AbortSignal): Promise<readonly TraceSummaryJson[]> {
  const { traces = [] } = await call("SearchTraces", place, abort);
  return traces;
}

/** Read at once for each condition; the page says when there may be more. */
const mostExcluded = 1_000;

/** Ids of traces that have new spans that exclude them. Those that were not listed are asked for seldom. */
async function excludedTraces(
  { without = [] }: TraceFilter,
  { after }: PagePlace,
  changed: readonly TraceSummaryJson[],
  { shown, waiting }: Rows<TraceSummaryJson>,
  abort: AbortSignal,
): Promise<{ readonly gone: readonly string[]; readonly goneUnknown: boolean }> {
  const none = { gone: [], goneUnknown: false };
  if (without.length === 0 || !after) return none;
  const listed = new Set([...shown, ...waiting].map(rules.keyOf));
  if (changed.length < rules.newSize && !changed.some((trace) => listed.has(rules.keyOf(trace)))) return none;
  const place = { after, newest: true, limit: mostExcluded };
  const answers = await Promise.all(
    without.map((filter) => call("SearchTraces", { filter, ...place }, abort)),
  );
  return {
    gone: answers.flatMap(({ traces = [] }) => traces.map(rules.keyOf)),
    goneUnknown: answers.some(({ traces = [] }) => traces.length >= mostExcluded),
  };
}

/** A filter means spans: where it has more than a range, a trace's duration is not that of the span that matches. */
function timesOf({ since = "", until = "" }: Readonly<Record<string, string>>): Record<string, string> {
  return { since, until };
}

function nothingMatches({ without }: TraceFilter, evicted: string | undefined): string {
  const but = without === undefined ? "" : " and none that is excluded";
  return `No trace that is held has a span that matches${but}. New ones appear here as they come.${wentText("span", evicted)}`;
}
