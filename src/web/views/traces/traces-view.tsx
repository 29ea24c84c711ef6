import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { TraceSummaryJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import {
  clockTime,
  exactDuration,
  exactTime,
  parseSeconds,
  parseTime,
  shortDuration,
} from "../../format/time.ts";
import { countOf } from "../../format/value.ts";
import { FilterBar } from "../../parts/filter-bar.tsx";
import { useKeys } from "../../parts/keys.ts";
import { useLiveList, useStats } from "../../parts/live.ts";
import { ListNotices, LiveState } from "../../parts/notices.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { Cell, HeadCell, Row } from "../../parts/table.tsx";
import { moveKeys, VirtualRows } from "../../parts/virtual-rows.tsx";
import { goTo, hrefTo, route, zone } from "../../state/address.ts";
import { isFiltered, spanFilter } from "../../state/filters.ts";
import { FirstMinute } from "../start/first-minute.tsx";

const pageSize = 500;
const rules = {
  keyOf: (trace: TraceSummaryJson) => trace.traceId ?? "",
  pageSize,
  maxRows: 5_000,
};

export function TracesView(): JSX.Element {
  const { params } = route.value;
  const filter = spanFilter(params);
  const list = useLiveList(JSON.stringify(filter), rules, async (after, abort) => {
    const {
      traces = [],
      cursor = "",
      missed = "0",
    } = await call("SearchTraces", { filter, limit: pageSize, after }, abort);
    return { items: traces, cursor, missed: Number(missed) };
  });
  const { answer: stats } = useStats();
  const selected = useSignal(-1);
  const { shown } = list.rows.value;
  const at = (index: number) => shown[shown.length - 1 - index];
  const open = (trace: TraceSummaryJson | undefined) => {
    if (trace?.traceId) goTo({ view: "trace", id: trace.traceId });
  };
  useKeys({
    ...moveKeys(shown.length, selected.value, (index) => {
      selected.value = index;
    }),
    Enter: () => open(at(selected.value)),
  });

  const figures = stats.value?.signals?.traces;
  const filtered = isFiltered(filter);
  if (shown.length === 0 && !filtered && figures !== undefined && figures.items === "0") {
    return <FirstMinute stats={stats.value} />;
  }
  return (
    <section class="view" aria-label="Traces">
      <h1 class="sr">Traces</h1>
      <FilterBar kind="spans" refusal={list.refusal.value} />
      <div class="bar">
        <span role="status">
          {countOf(shown.length, "trace")}
          {filtered ? " that match" : ""}
          {figures && `, of ${countOf(Number(figures.items), "span")} held; ${figures.evicted} evicted`}
        </span>
        <LiveState list={list} />
      </div>
      <ListNotices list={list} what="traces" />
      {shown.length === 0 ? (
        <p class="empty">
          {list.loading.value
            ? ""
            : "No trace that is held has a span that matches. New ones appear here as they come."}
        </p>
      ) : (
        <VirtualRows
          role="grid"
          label="Traces, the newest first"
          count={shown.length}
          selected={selected.value}
          onPointer={(inside) => {
            list.busy.value = inside;
          }}
          head={
            <>
              <HeadCell class="time">time</HeadCell>
              <HeadCell class="duration">duration</HeadCell>
              <HeadCell class="count">spans</HeadCell>
              <HeadCell class="name">name</HeadCell>
              <HeadCell class="services">services</HeadCell>
              <HeadCell class="errors">errors</HeadCell>
            </>
          }
          row={(index) => (
            <TraceRow
              key={at(index)?.traceId}
              trace={at(index) ?? {}}
              index={index}
              selected={index === selected.value}
              open={open}
            />
          )}
        />
      )}
    </section>
  );
}

interface TraceRowProps {
  readonly trace: TraceSummaryJson;
  readonly index: number;
  readonly selected: boolean;
  readonly open: (trace: TraceSummaryJson) => void;
}

function TraceRow({ trace, index, selected, open }: TraceRowProps): JSX.Element {
  const start = parseTime(trace.startTime);
  const duration = parseSeconds(trace.duration);
  const errors = trace.errorCount ?? 0;
  const name = trace.rootName || trace.firstSpanName || "(no name)";
  return (
    <Row index={index} selected={selected} onChoose={() => open(trace)}>
      <Cell class="time" title={start === undefined ? "" : exactTime(start, zone.value)}>
        {start === undefined ? "no time" : clockTime(start, zone.value)}
      </Cell>
      <Cell class="duration" title={duration === undefined ? "" : exactDuration(duration)}>
        {duration === undefined ? "–" : shortDuration(duration)}
      </Cell>
      <Cell class="count">{trace.spanCount}</Cell>
      <Cell class="name">
        <a href={hrefTo({ view: "trace", id: trace.traceId ?? "" })} tabIndex={-1}>
          {name}
        </a>
        {!trace.rootName && <em title="The root of this trace is not held"> no root</em>}
      </Cell>
      <Cell class="services">
        {(trace.services ?? []).map((service) => (
          <ServiceName key={service} service={service} />
        ))}
      </Cell>
      <Cell class="errors">{errors > 0 && <span class="error">✗ {errors}</span>}</Cell>
    </Row>
  );
}
