import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { exactTime, parseTime } from "../../format/time.ts";
import { countOf, valueText } from "../../format/value.ts";
import { CopyButton, useCopy } from "../../parts/copy.tsx";
import { useKeys } from "../../parts/keys.ts";
import { moveKeys } from "../../parts/virtual-rows.tsx";
import { goTo, hrefTo, route, setParams, wayBack, zone } from "../../state/address.ts";
import { huesAmong } from "../../state/service-hues.ts";
import { backLinks } from "./back-links.ts";
import { shortNs } from "./durations.ts";
import { levelCollapsed, levelExpanded } from "./fold-levels.ts";
import { MarkDetail } from "./mark-detail.tsx";
import { Minimap } from "./minimap.tsx";
import { SpanDetail } from "./span-detail.tsx";
import { nextIndex, overrunOf, type SpanNode, skewOf } from "./span-nodes.ts";
import { TakeAway } from "./take-away.tsx";
import { rangeWith, zoomed } from "./time-range.ts";
import type { TraceData } from "./trace-data.ts";
import { TraceNotices } from "./trace-notices.tsx";
import { FoundNotice, TraceTools } from "./trace-tools.tsx";
import { useTraceFind } from "./use-trace-find.ts";
import { useTraceRows } from "./use-trace-rows.ts";
import { useZoom } from "./use-zoom.ts";
import { WaterfallRows } from "./waterfall-rows.tsx";
import { type Went, wentText } from "./went.ts";

interface TraceProps {
  readonly traceId: string;
  readonly data: TraceData;
  /** Why it may not be what the server holds now; else "". */
  readonly stale: string;
  /** Spans that are shown and not held any more; undefined where all are held. */
  readonly went: Went | undefined;
  /** Shows what the server holds now. */
  readonly readAgain: () => void;
}

/** A trace that is held: its rows, the detail of a span, and what keys do with them. */
export function OpenTrace({ traceId, data, stale, went, readAgain }: TraceProps): JSX.Element {
  const { params } = route.value;
  const { outline, nodes } = data;
  const traceRows = useTraceRows(data);
  const { rows, collapsed, chosenMark, selectedNode, selectedRow, selectNode, fold, foldAll, foldLevel } =
    traceRows;
  const { whole, range, isZoomed, zoom } = useZoom(nodes);
  const isCritical = params.critical !== "off";
  const find = params.find ?? "";
  const { search, found, hits } = useTraceFind(traceId, data, find);

  const close = () => setParams({ span: "", mark: "" });
  const jump = (step: 1 | -1, holds: (node: number) => boolean) => {
    const next = nextIndex(nodes.length, Math.max(selectedNode, step === 1 ? -1 : 0), step, holds);
    const node = nodes[next];
    if (node === undefined) return;
    selectNode(next);
    const seen = rangeWith(range, node, whole);
    if (seen !== range) zoom(seen);
  };
  /** Shows the spans of a row of spans alike, if it is one that is selected. */
  const openRow = (): boolean => {
    const row = rows[selectedRow];
    if (row?.kind !== "repeats") return false;
    selectNode(row.node);
    return true;
  };
  const isMark = chosenMark !== undefined;
  const current = nodes[selectedNode];
  const logs = useMemo(() => data.logs.filter(({ spanId }) => spanId === current?.id), [data, current?.id]);
  const linkedFrom = useMemo(() => backLinks(traceId, data.spans.values()), [traceId, data]);
  const [copied, copy] = useCopy();
  const jumpToFound = (step: 1 | -1) => jump(step, (node) => hits.has(node));
  const toggleCritical = () => setParams({ critical: isCritical ? "off" : "" });
  const middleNs = current?.startNs === undefined ? (range.fromNs + range.toNs) / 2 : middleOf(current);
  useKeys({
    ...moveKeys(rows.length, selectedRow, traceRows.selectRow),
    ArrowRight: () => isMark || openRow() || fold(selectedNode, false),
    ArrowLeft: () => {
      if (current === undefined) return;
      if (isMark) return selectNode(selectedNode);
      const isOpen = current.end > selectedNode + 1 && !collapsed.has(selectedNode);
      if (isOpen) fold(selectedNode, true);
      else if (current.parent >= 0) selectNode(current.parent);
    },
    Enter: () => isMark || openRow() || fold(selectedNode, !collapsed.has(selectedNode)),
    e: () => jump(1, (node) => nodes[node]?.failed === true),
    E: () => jump(-1, (node) => nodes[node]?.failed === true),
    n: () => jumpToFound(1),
    N: () => jumpToFound(-1),
    p: toggleCritical,
    "+": () => zoom(zoomed(range, 1 / 2, middleNs, whole)),
    "=": () => zoom(zoomed(range, 1 / 2, middleNs, whole)),
    "-": () => zoom(zoomed(range, 2, middleNs, whole)),
    "0": () => zoom(whole),
    z: () => {
      if (current?.startNs === undefined) return;
      zoom(zoomed({ fromNs: 0, toNs: (current.durationNs ?? 0) * 1.1 }, 1, middleOf(current), whole));
    },
    "[": () => foldAll(true),
    "]": () => foldAll(false),
    "{": () => foldLevel(levelCollapsed),
    "}": () => foldLevel(levelExpanded),
    c: () => copy(chosenMark?.kind === "log" ? valueText(chosenMark.record.body) : (current?.id ?? traceId)),
    Escape: () => {
      if (params.span || params.mark) close();
      else if (isZoomed) zoom(whole);
      else goTo(wayBack());
    },
  });
  const start = parseTime(outline.startTime);
  const hues = useMemo(() => huesAmong(nodes.map(({ service }) => service)), [nodes]);
  const errors = outline.errorCount ?? 0;
  return (
    <section class="view trace" aria-labelledby="trace-title">
      <div class="bar title">
        <a class="way-back" href={hrefTo(wayBack())} title="Esc">
          ‹ {wayBack().view}
        </a>
        <h1 id="trace-title">{nodes[0]?.name || "(no name)"}</h1>
        <span class="mono">{start === undefined ? "no time" : exactTime(start, zone.value)}</span>
        <span>{shortNs(whole.toNs)}</span>
        <span>
          {countOf(outline.spanCount ?? 0, "span")}, {countOf(hues.size, "service")}
        </span>
        {errors > 0 && <span class="error">✗ {countOf(errors, "error")}</span>}
        <span>
          <span class="mono">{traceId}</span> <CopyButton text={traceId} label="copy the trace id" />
        </span>
        <TakeAway traceId={traceId} />
        <a href={hrefTo({ view: "logs", params: { trace: traceId } })}>its logs</a>
        <span role="status">{copied}</span>
      </div>
      {stale !== "" && <p class="notice">{stale}</p>}
      {went !== undefined && (
        <p class="notice" role="status">
          <span>{wentText(went, nodes.length)}</span>{" "}
          {went.lost - went.added < nodes.length && (
            <button type="button" class="small" onClick={readAgain}>
              show what is held
            </button>
          )}
        </p>
      )}
      <TraceNotices
        data={data}
        missing={selectedNode < 0 ? (params.span ?? "") : ""}
        isMarkMissing={Boolean(params.mark) && !isMark}
      />
      <FoundNotice search={search} />
      <div class="overview">
        <Minimap nodes={nodes} hues={hues} whole={whole} range={range} onZoom={zoom} />
        {isZoomed && (
          <button type="button" class="small" onClick={() => zoom(whole)}>
            show all
          </button>
        )}
      </div>
      <TraceTools
        isCritical={isCritical}
        onCritical={toggleCritical}
        onFoldLevel={() => foldLevel(levelCollapsed)}
        onUnfoldLevel={() => foldLevel(levelExpanded)}
        onFoldAll={foldAll}
        find={find}
        busy={search.busy}
        found={found.length}
        position={found.indexOf(selectedNode) + 1}
        onJump={jumpToFound}
      />
      <div class="panes">
        <WaterfallRows
          nodes={nodes}
          hues={hues}
          rows={rows}
          collapsed={collapsed}
          hits={hits}
          selected={selectedRow}
          selectedKey={traceRows.selectedKey}
          range={range}
          critical={isCritical}
          onSelect={traceRows.selectRow}
          onOpen={selectNode}
          onFold={fold}
        />
        <MarkDetail mark={chosenMark} traceId={traceId} node={current} hues={hues} close={close} />
        {current !== undefined && !isMark && (
          <SpanDetail
            key={current.key}
            traceId={traceId}
            node={current}
            hue={hues.get(current.service)}
            skewNs={skewOf(nodes, current)}
            overrunNs={overrunOf(nodes, current)}
            linkedFrom={linkedFrom.get(current.id) ?? []}
            known={data.spans.get(selectedNode)}
            logs={logs}
          />
        )}
      </div>
    </section>
  );
}

function middleOf({ startNs = 0, durationNs = 0 }: SpanNode): number {
  return startNs + durationNs / 2;
}
