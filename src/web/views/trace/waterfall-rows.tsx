import { Fragment, type JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { hueOf } from "../../format/value.ts";
import { memo } from "../../parts/memo.ts";
import { Cell, HeadCell, Row } from "../../parts/table.tsx";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { shortNs } from "./durations.ts";
import {
  axisTicks,
  barOf,
  childrenOf,
  type Mark,
  type Range,
  type SpanNode,
  shapeOf,
  type WaterfallRow,
} from "./waterfall.ts";

/** What rows do. The functions stay the same, so that a row is drawn again only when it shows something else. */
interface RowActions {
  readonly onSelect: (row: number) => void;
  /** Shows a span that stands in one row with others. */
  readonly onOpen: (node: number) => void;
  readonly onFold: (node: number, isFolded: boolean) => void;
}

interface WaterfallRowsProps extends RowActions {
  readonly nodes: readonly SpanNode[];
  readonly rows: readonly WaterfallRow[];
  readonly collapsed: ReadonlySet<number>;
  /** Nodes that the search found. */
  readonly hits: ReadonlySet<number>;
  readonly selected: number;
  readonly range: Range;
  /** Whether the critical path is marked. */
  readonly critical: boolean;
}

export function WaterfallRows(props: WaterfallRowsProps): JSX.Element {
  const { nodes, rows, collapsed, hits, range, selected, critical } = props;
  const newest = useRef<RowActions>(props);
  newest.current = props;
  const actions = useMemo<RowActions>(
    () => ({
      onSelect: (row) => newest.current.onSelect(row),
      onOpen: (node) => newest.current.onOpen(node),
      onFold: (node, isFolded) => newest.current.onFold(node, isFolded),
    }),
    [],
  );
  return (
    <VirtualRows
      role="treegrid"
      label="Spans of the trace"
      count={rows.length}
      selected={selected}
      head={
        <>
          <HeadCell class="tree">span</HeadCell>
          <HeadCell class="chart">
            {axisTicks(range, 5).map((at) => (
              <span
                key={at}
                class="tick"
                style={{ left: `${((at - range.fromNs) / (range.toNs - range.fromNs)) * 100}%` }}
              >
                {shortNs(at)}
              </span>
            ))}
          </HeadCell>
        </>
      }
      row={(index) => {
        const row = rows[index];
        const node = row && nodes[row.node];
        const shared = { index, isSelected: index === selected, fromNs: range.fromNs, toNs: range.toNs };
        if (row?.kind === "mark") {
          const depth = (node?.depth ?? -1) + 1;
          return <MarkRow key={index} {...shared} {...actions} mark={row.mark} depth={depth} />;
        }
        if (row === undefined || node === undefined) return <Fragment key={index} />;
        const of = { ...shared, ...actions, nodes, at: row.node };
        if (row.kind === "repeats") return <RepeatsRow key={index} {...of} count={row.count} />;
        return (
          <SpanRow
            key={index}
            {...of}
            isFolded={collapsed.has(row.node)}
            isHit={hits.has(row.node)}
            isCritical={critical && node.criticalNs > 0}
          />
        );
      }}
    />
  );
}

interface RowProps extends RowActions, Range {
  readonly index: number;
  readonly isSelected: boolean;
}

interface SpanRowProps extends RowProps {
  readonly nodes: readonly SpanNode[];
  /** The index of the span, or of the first of those that are alike. */
  readonly at: number;
  readonly isFolded: boolean;
  readonly isHit: boolean;
  readonly isCritical: boolean;
}

const SpanRow = memo((props: SpanRowProps): JSX.Element => {
  const { index, nodes, at, isSelected, isFolded, isHit, isCritical, fromNs, toNs, onSelect, onFold } = props;
  const node = nodes[at] as SpanNode;
  const below = node.end - at - 1;
  const range = { fromNs, toNs };
  const bar = barOf(node, range);
  return (
    <Row
      index={index}
      selected={isSelected}
      class={`hue-${hueOf(node.service)}${isHit ? " hit" : ""}`}
      level={node.depth + 1}
      expanded={below > 0 ? !isFolded : undefined}
      onChoose={() => onSelect(index)}
    >
      <Cell class="tree" style={{ paddingLeft: `${indent(node.depth)}px` }}>
        {below > 0 ? (
          <button
            type="button"
            class="fold"
            tabIndex={-1}
            aria-label={isFolded ? `show ${below} below` : "hide what is below"}
            onClick={() => onFold(at, !isFolded)}
          >
            {isFolded ? "▸" : "▾"}
          </button>
        ) : (
          <span class="fold" />
        )}
        {node.orphan && <span title="its parent is not held">⚠ </span>}
        {node.failed && <span class="error">✗ </span>}
        <RowName name={node.name} />
        {isFolded && <span class="quiet"> +{below}</span>}
        <RowService service={node.service} />
      </Cell>
      <Cell class="chart" title={below > 0 ? selfTitle(node) : undefined}>
        {bar !== undefined && (
          <>
            <i
              aria-hidden="true"
              class={`span-bar${node.failed ? " failed" : ""}${isCritical ? " critical" : ""}`}
              style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
            />
            {below > 0 && <Shape class="of-children" shape={childrenShape(nodes, at, range)} />}
            <span class="label" style={labelPlace(bar)}>
              {node.durationNs === undefined ? "no end" : shortNs(node.durationNs)}
            </span>
          </>
        )}
        {bar === undefined && <Outside startNs={node.startNs} range={range} />}
      </Cell>
    </Row>
  );
});

function selfTitle({ durationNs, selfNs }: SpanNode): string | undefined {
  if (durationNs === undefined) return undefined;
  return `${shortNs(durationNs)}, of which ${shortNs(selfNs)} in the span itself`;
}

/** Where spans right below one ran while it did. */
function childrenShape(nodes: readonly SpanNode[], at: number, range: Range): string {
  const { startNs, durationNs } = nodes[at] as SpanNode;
  if (startNs === undefined || durationNs === undefined) return "";
  const endNs = startNs + durationNs;
  const within = childrenOf(nodes, at).flatMap((index) => {
    const child = nodes[index] as SpanNode;
    if (child.startNs === undefined) return [];
    const from = Math.max(startNs, child.startNs);
    const to = Math.min(endNs, child.startNs + (child.durationNs ?? 0));
    return to > from ? [{ startNs: from, durationNs: to - from }] : [];
  });
  return shapeOf(within, range, 1);
}

interface ShapeProps {
  readonly class: string;
  /** As `shapeOf` makes it. */
  readonly shape: string;
}

function Shape({ shape, ...props }: ShapeProps): JSX.Element {
  return (
    <svg aria-hidden="true" viewBox="0 0 1000 1" preserveAspectRatio="none" {...props}>
      <path d={shape} />
    </svg>
  );
}

/** More than this is not seen in a row, and makes browsers slow. */
const mostOfName = 300;

/** Names may be written from right to left: what stands beside them keeps its place. */
function RowName({ name }: { readonly name: string }): JSX.Element {
  return <bdi class="name">{name === "" ? "(no name)" : name.slice(0, mostOfName)}</bdi>;
}

/** In place of a bar that is not in the part of the time that is shown. */
function Outside({
  startNs,
  range,
}: {
  readonly startNs: number | undefined;
  readonly range: Range;
}): JSX.Element {
  if (startNs === undefined) return <span class="label">no start</span>;
  return startNs > range.toNs ? <span class="label end">later ›</span> : <span class="label">‹ earlier</span>;
}

/** In the hue of its row. */
function RowService({ service }: { readonly service: string }): JSX.Element {
  return (
    <span class="service">
      <i aria-hidden="true" />
      {service}
    </span>
  );
}

interface RepeatsRowProps extends RowProps {
  readonly nodes: readonly SpanNode[];
  /** The index of the first. */
  readonly at: number;
  readonly count: number;
}

/** Spans that are alike, all of them in one row. */
const RepeatsRow = memo((props: RepeatsRowProps): JSX.Element => {
  const { index, nodes, at, count, isSelected, fromNs, toNs, onSelect, onOpen } = props;
  const range = { fromNs, toNs };
  const alike = nodes.slice(at, at + count);
  const node = alike[0] as SpanNode;
  const last = alike.at(-1) as SpanNode;
  const { startNs } = node;
  const endNs = last.startNs === undefined ? undefined : last.startNs + (last.durationNs ?? 0);
  const whole =
    startNs === undefined || endNs === undefined
      ? undefined
      : barOf({ startNs, durationNs: endNs - startNs }, range);
  const sumNs = alike.reduce((sum, { durationNs = 0 }) => sum + durationNs, 0);
  return (
    <Row
      index={index}
      selected={isSelected}
      class={`hue-${hueOf(node.service)}`}
      level={node.depth + 1}
      expanded={false}
      onChoose={() => onSelect(index)}
    >
      <Cell class="tree" style={{ paddingLeft: `${indent(node.depth)}px` }}>
        <button
          type="button"
          class="fold"
          tabIndex={-1}
          aria-label={`show each of the ${count} spans`}
          onClick={() => onOpen(at)}
        >
          ▸
        </button>
        <RowName name={node.name} />
        <span class="quiet"> ×{count}</span>
        <RowService service={node.service} />
      </Cell>
      <Cell class="chart">
        <Shape class="of-alike" shape={shapeOf(alike, range)} />
        {whole !== undefined && (
          <span class="label" style={labelPlace(whole)}>
            {shortNs(sumNs)} in all
          </span>
        )}
      </Cell>
    </Row>
  );
});

interface MarkRowProps extends RowProps {
  readonly mark: Mark;
  readonly depth: number;
}

const MarkRow = memo((props: MarkRowProps): JSX.Element => {
  const { index, mark, depth, isSelected, fromNs, toNs, onSelect } = props;
  const place = barOf({ startNs: mark.atNs, durationNs: 0 }, { fromNs, toNs });
  return (
    <Row index={index} selected={isSelected} class="mark" level={depth + 1} onChoose={() => onSelect(index)}>
      <Cell class="tree" style={{ paddingLeft: `${indent(depth)}px` }}>
        <span class="fold" />
        <span class={mark.failed ? "error" : "quiet"}>
          {mark.failed ? "✗" : "●"} {mark.kind}{" "}
        </span>
        <RowName name={mark.text} />
      </Cell>
      <Cell class="chart">
        {place !== undefined && (
          <i
            aria-hidden="true"
            class={`dot${mark.failed ? " failed" : ""}`}
            style={{ left: `${place.left}%` }}
          />
        )}
        <span class={place === undefined ? "label quiet end" : "sr"}>
          {mark.atNs === undefined ? "no time" : `at ${shortNs(mark.atNs)}`}
        </span>
      </Cell>
    </Row>
  );
});

/** Beside the bar where there is room, else at its end within it. */
function labelPlace({ left, width }: { readonly left: number; readonly width: number }) {
  const right = left + width;
  if (right <= 80) return { left: `${right}%` };
  return left >= 20
    ? { right: `${100 - left}%` }
    : { right: "4px", borderRadius: "3px", background: "var(--ground)", top: "3px", lineHeight: "18px" };
}

/** Deep trees must leave room for names. */
function indent(depth: number): number {
  return 4 + Math.min(depth, 24) * 12;
}
