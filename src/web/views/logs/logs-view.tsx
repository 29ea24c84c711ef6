import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { LogRecordJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { dateFormOf } from "../../format/dates.ts";
import { nothingText, wentText } from "../../format/nothing.ts";
import { countOf, numberText } from "../../format/value.ts";
import { DownloadButton } from "../../parts/download/download-button.tsx";
import { FilterBar } from "../../parts/filter-bar.tsx";
import { useEvictedWords, useHeldRows } from "../../parts/held-rows.ts";
import { useKeys } from "../../parts/keys.ts";
import { useListFind } from "../../parts/list-find.tsx";
import { useClearings, useLiveList, useStats } from "../../parts/live.ts";
import { LogDetail } from "../../parts/log-detail.tsx";
import { ListNotices, LiveState } from "../../parts/notices.tsx";
import { HeadCell } from "../../parts/table.tsx";
import { TimeHead } from "../../parts/time-cell.tsx";
import { moveKeys, VirtualRows } from "../../parts/virtual-rows.tsx";
import { goTo, route, setParams, zone } from "../../state/address.ts";
import { isFiltered, logFilter } from "../../state/filters.ts";
import { LogHistogram } from "./log-histogram.tsx";
import { LogRow } from "./log-row.tsx";
import { OfTrace } from "./of-trace.tsx";
import { timeOf, traceOf } from "./record-facts.ts";
import { useRecord } from "./use-record.ts";

const rules = {
  keyOf: ({ cursor = "" }: LogRecordJson) => cursor,
  firstPageSize: 500,
  newSize: 500,
  pageSize: 500,
  maxRows: 5_000,
};

const hint =
  "They appear here as they come; an SDK sends them when its logs exporter is otlp (OTEL_LOGS_EXPORTER=otlp).";

export function LogsView(): JSX.Element {
  const filter = logFilter(route.value.params);
  const { answer: stats } = useStats();
  const figures = stats.value?.signals?.logs;
  const key = JSON.stringify(filter);
  const clearings = useClearings(figures);
  const evictedWords = useEvictedWords(`${key} ${clearings}`, figures);
  const list = useLiveList(key, clearings, rules, async (place, abort) => {
    const answer = await call("SearchLogs", { filter, ...place }, abort);
    const { logs = [], cursor = "", previous = "", missed = "0", unreadable = "0" } = answer;
    return { items: logs, cursor, previous, missed: Number(missed), unreadable: Number(unreadable) };
  });
  // By its cursor, because rows move when others come.
  const { record: chosen = "" } = route.value.params;
  const choose = (cursor: string) => setParams({ record: cursor });
  const shown = useHeldRows(list, figures);
  const newestFirst = useMemo(() => shown.toReversed(), [shown]);
  const at = (index: number) => newestFirst[index];
  const selected = newestFirst.findIndex(({ cursor }) => cursor === chosen);
  const select = (index: number) => choose(at(index)?.cursor ?? "");
  const dates = dateFormOf(newestFirst.map(timeOf), zone.value);
  const find = useListFind(newestFirst, selected, select);
  const { record, isGone } = useRecord(chosen, at(selected));
  useKeys({
    ...moveKeys(shown.length, selected, select),
    ...find.keys,
    Enter: () => {
      if (record?.traceId) goTo(traceOf(record));
    },
    Escape: () => choose(""),
  });
  const filtered = isFiltered(filter);
  const nothing = filtered
    ? `No log record that is held matches. New ones appear here as they come.${wentText("log record", figures?.evicted)}`
    : nothingText("log record", figures, hint);
  return (
    <section class="view" aria-label="Logs">
      <h1 class="sr">Logs</h1>
      <FilterBar kind="logs" refusal={list.refusal.value} />
      <div class="bar">
        <span role="status">
          {list.refusal.value === "" && (
            <>
              {countOf(shown.length, "log record")}
              {filtered && (shown.length === 1 ? " that matches" : " that match")}
              {shown.length > 0 && (filtered || list.still.value) && evictedWords}
              {figures &&
                `, of ${numberText(Number(figures.items))} held; ${numberText(Number(figures.evicted))} evicted`}
            </>
          )}
        </span>
        {shown.length > 0 && (
          <DownloadButton
            what="The log records that match"
            save={async (abort, tell) =>
              (await import("../../parts/download/save-logs.ts")).saveLogs(
                filter,
                list.rows.value.previous,
                abort,
                tell,
              )
            }
          />
        )}
        {find.field}
        <LiveState list={list} />
      </div>
      <LogHistogram filter={filter} />
      <ListNotices list={list} what="log records" />
      {isGone && (
        <p class="notice">
          The log record of the address is not held: it went to make room for newer ones, or it is of another
          run of the server.
        </p>
      )}
      <div class="panes">
        {shown.length === 0 ? (
          <p class="empty">{list.loading.value ? "" : nothing}</p>
        ) : (
          <VirtualRows
            role="grid"
            label="Log records, the newest first"
            count={shown.length}
            onEnd={list.loadOlder}
            onAway={(away) => {
              list.away.value = away;
            }}
            selected={selected}
            selectedKey={chosen}
            onPointer={(inside) => {
              list.busy.value = inside;
            }}
            head={
              <>
                <TimeHead dates={dates} />
                <HeadCell class="level">severity</HeadCell>
                <HeadCell class="one-service">service</HeadCell>
                <HeadCell class="name">body</HeadCell>
                <HeadCell class="link">trace</HeadCell>
              </>
            }
            row={(index) => (
              <LogRow
                key={at(index)?.cursor}
                record={at(index) ?? {}}
                dates={dates}
                index={index}
                selected={index === selected}
                hit={find.hits.has(index)}
                select={select}
              />
            )}
          />
        )}
        {record !== undefined && (
          <LogDetail key={record.cursor} record={record} close={() => choose("")}>
            <OfTrace record={record} />
          </LogDetail>
        )}
      </div>
    </section>
  );
}
