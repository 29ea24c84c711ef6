import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { exactTime, parseTime } from "../../format/time.ts";
import { countOf } from "../../format/value.ts";
import { useCopy } from "../../parts/copy.tsx";
import { useKeys } from "../../parts/keys.ts";
import { moveKeys } from "../../parts/virtual-rows.tsx";
import { goToList, hrefTo, route, setParams, zone } from "../../state/address.ts";
import { itemText } from "../../state/item-text.ts";
import { huesAmong } from "../../state/service-hues.ts";
import { backLinks } from "./back-links.ts";
import { shortNs } from "./durations.ts";
import { levelCollapsed, levelExpanded } from "./fold-levels.ts";
import { eachNodes, eachText, foldedNodes, foldText } from "./fold-params.ts";
import { marksOf } from "./marks.ts";
import { Minimap } from "./minimap.tsx";
import { SpanDetail } from "./span-detail.tsx";
import { TakeAway } from "./take-away.tsx";
import { type Range, rangeOf, rangeWith, zoomed } from "./time-range.ts";
import type { TraceData } from "./trace-data.ts";
import { TraceNotices } from "./trace-notices.tsx";
import { FoundNotice, TraceTools } from "./trace-tools.tsx";
import { useFoundSpans } from "./use-found-spans.ts";
import { useSpanSet } from "./use-span-set.ts";
import {
  ancestors,
  nextIndex,
  overrunOf,
  repeatsOf,
  repeatsWith,
  rowKey,
  type SpanNode,
  skewOf,
  spanHasText,
  visibleRows,
} from "./waterfall.ts";
import { WaterfallRows } from "./waterfall-rows.tsx";

interface TraceProps {
  readonly traceId: string;
  readonly data: TraceData;
}

/** A trace that is held: its rows, the detail of a span, and what keys do with them. */
export function OpenTrace({ traceId, data }: TraceProps): JSX.Element {
  const { params } = route.value;
  const { outline, nodes } = data;
  const marks = useMemo(() => marksOf(data), [data]);
  const indexOf = useMemo(() => new Map(nodes.map(({ key }, index) => [key, index])), [nodes]);
  const readFolds = useCallback((text: string) => foldedNodes(nodes, indexOf, text), [nodes, indexOf]);
  const [collapsed, setCollapsed] = useSpanSet("fold", readFolds, (next) => foldText(nodes, next));
  const repeats = useMemo(() => repeatsOf(nodes, marks), [nodes, marks]);
  /** One of each row of spans alike that is shown span by span. */
  const readEach = useCallback((text: string) => eachNodes(repeats, indexOf, text), [repeats, indexOf]);
  const [opened, setOpened] = useSpanSet("each", readEach, (next) => eachText(nodes, repeats, next));
  const selectedNode = indexOf.get(params.span ?? "") ?? -1;
  const openedNow = repeatsWith(repeats, selectedNode);
  const rows = useMemo(() => {
    const isOpened = (first: number, count: number) => {
      for (let index = first; index < first + count; index++) if (opened.has(index)) return true;
      return first === openedNow;
    };
    const closed = [...repeats].filter(([first, count]) => !isOpened(first, count));
    return visibleRows(nodes, collapsed, marks, new Map(closed));
  }, [nodes, collapsed, marks, repeats, opened, openedNow]);
  const wholeNs = useMemo(() => {
    return nodes.reduce((most, { startNs = 0, durationNs = 0 }) => Math.max(most, startNs + durationNs), 1);
  }, [nodes]);
  const whole = { fromNs: 0, toNs: wholeNs };
  const range = rangeOf(params, whole);
  const isZoomed = range !== whole;
  const zoom = ({ fromNs, toNs }: Range) => {
    const isWhole = fromNs <= 0 && toNs >= wholeNs;
    setParams({ from: isWhole ? "" : String(fromNs), to: isWhole ? "" : String(toNs) });
  };
  const rowOf = useMemo(() => {
    return new Map(rows.flatMap((row, index) => (row.kind === "span" ? [[row.node, index]] : [])));
  }, [rows]);
  /** The row that is selected where it is no span, by its key; else "". */
  const marked = useSignal("");
  const markedRow = marked.value === "" ? -1 : rows.findIndex((row) => rowKey(nodes, row) === marked.value);
  const selectedRow = markedRow >= 0 ? markedRow : (rowOf.get(selectedNode) ?? -1);
  const isCritical = params.critical !== "off";
  const find = params.find ?? "";
  const search = useFoundSpans(traceId, data.unread > 0 ? find : "", outline.cursor ?? "");
  const found = useMemo(() => {
    if (find === "") return [];
    const text = (index: number) => itemText(data.spans.get(index) ?? {});
    return nodes.flatMap((node, index) =>
      search.ids.has(node.id) || spanHasText(node, find, text(index)) ? [index] : [],
    );
  }, [find, nodes, data, search]);

  const selectNode = (node: number) => {
    const key = nodes[node]?.key;
    if (key === undefined) return;
    const above = ancestors(nodes, node);
    if (above.some((index) => collapsed.has(index))) {
      setCollapsed([...collapsed].filter((index) => !above.includes(index)));
    }
    const alike = repeatsWith(repeats, node);
    if (alike >= 0 && !opened.has(alike)) setOpened([...opened, alike]);
    marked.value = "";
    setParams({ span: key });
  };
  const selectRow = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    if (row.kind === "repeats") setParams({ span: "" });
    else selectNode(row.node);
    marked.value = rowKey(nodes, row);
  };
  /** How often something was folded: the chosen row is looked for again then, and not when spans come. */
  const foldings = useRef(0);
  /** Folds these spans alone. A span that is chosen and hidden by that gives way to the one that hides it. */
  const foldOnly = (next: ReadonlySet<number>) => {
    const hidden = ancestors(nodes, selectedNode).findLast((index) => next.has(index));
    if (hidden !== undefined) setParams({ span: nodes[hidden]?.key ?? "" });
    marked.value = "";
    foldings.current += 1;
    setCollapsed(next);
  };
  const fold = (node: number, isFolded: boolean) => {
    const next = new Set(collapsed);
    const hasChildren = (nodes[node]?.end ?? 0) > node + 1;
    if (isFolded && hasChildren) next.add(node);
    else next.delete(node);
    foldOnly(next);
  };
  const foldAll = (isFolded: boolean) => {
    const parents = nodes.flatMap(({ end, depth }, index) => (depth > 0 && end > index + 1 ? [index] : []));
    setOpened(isFolded ? [] : repeats.keys());
    foldOnly(new Set(isFolded ? parents : []));
  };
  const foldLevel = (change: typeof levelCollapsed) => foldOnly(change(nodes, collapsed));
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
    const row = rows[markedRow];
    if (row?.kind !== "repeats") return false;
    selectNode(row.node);
    return true;
  };
  const isMark = rows[markedRow]?.kind === "mark";
  const linkedFrom = useMemo(() => backLinks(traceId, data.spans.values()), [traceId, data]);
  const hits = useMemo(() => new Set(found), [found]);
  const [copied, copy] = useCopy();
  const jumpToFound = (step: 1 | -1) => jump(step, (node) => hits.has(node));
  const toggleCritical = () => setParams({ critical: isCritical ? "off" : "" });
  const current = nodes[selectedNode];
  const middleNs = current?.startNs === undefined ? (range.fromNs + range.toNs) / 2 : middleOf(current);
  useKeys({
    ...moveKeys(rows.length, selectedRow, selectRow),
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
    c: () => copy(current?.id ?? traceId),
    Escape: () => {
      if (params.span) setParams({ span: "" });
      else if (isZoomed) zoom(whole);
      else goToList();
    },
  });
  const start = parseTime(outline.startTime);
  const hues = useMemo(() => huesAmong(nodes.map(({ service }) => service)), [nodes]);
  const errors = outline.errorCount ?? 0;
  return (
    <section class="view trace" aria-labelledby="trace-title">
      <div class="bar title">
        <h1 id="trace-title">{nodes[0]?.name || "(no name)"}</h1>
        <span class="mono">{start === undefined ? "no time" : exactTime(start, zone.value)}</span>
        <span>{shortNs(wholeNs)}</span>
        <span>
          {countOf(outline.spanCount ?? 0, "span")}, {countOf(hues.size, "service")}
        </span>
        {errors > 0 && <span class="error">✗ {countOf(errors, "error")}</span>}
        <TakeAway traceId={traceId} />
        <span role="status">{copied}</span>
        <a href={hrefTo({ view: "logs", params: { trace: traceId } })}>its logs</a>
      </div>
      <TraceNotices data={data} missing={selectedNode < 0 ? (params.span ?? "") : ""} />
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
          selectedKey={`${markedRow >= 0 ? marked.value : current?.key} ${foldings.current}`}
          range={range}
          critical={isCritical}
          onSelect={selectRow}
          onOpen={selectNode}
          onFold={fold}
        />
        {current !== undefined && (
          <SpanDetail
            key={current.key}
            traceId={traceId}
            node={current}
            hue={hues.get(current.service)}
            skewNs={skewOf(nodes, current)}
            overrunNs={overrunOf(nodes, current)}
            linkedFrom={linkedFrom.get(current.id) ?? []}
            known={data.spans.get(selectedNode)}
            logs={data.logs.filter(({ spanId }) => spanId === current.id)}
          />
        )}
      </div>
    </section>
  );
}

function middleOf({ startNs = 0, durationNs = 0 }: SpanNode): number {
  return startNs + durationNs / 2;
}
