import { Fragment, type JSX } from "preact";
import { hueOf } from "../../format/value.ts";
import { Cell, HeadCell, Row } from "../../parts/table.tsx";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { shortNs } from "./durations.ts";
import { axisTicks, barOf, type Mark, type Range, type SpanNode, type WaterfallRow } from "./waterfall.ts";

interface WaterfallRowsProps {
  readonly nodes: readonly SpanNode[];
  readonly rows: readonly WaterfallRow[];
  readonly collapsed: ReadonlySet<number>;
  /** Nodes that the search found. */
  readonly hits: ReadonlySet<number>;
  readonly selected: number;
  readonly range: Range;
  readonly onSelect: (row: number) => void;
  /** Shows a span that stands in one row with others. */
  readonly onOpen: (node: number) => void;
  readonly onFold: (node: number, isFolded: boolean) => void;
}

export function WaterfallRows(props: WaterfallRowsProps): JSX.Element {
  const { nodes, rows, range, selected } = props;
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
        if (row?.kind === "mark") {
          return (
            <MarkRow key={index} index={index} mark={row.mark} depth={(node?.depth ?? -1) + 1} {...props} />
          );
        }
        if (row?.kind === "repeats" && node !== undefined) {
          return <RepeatsRow key={index} index={index} first={row.node} count={row.count} {...props} />;
        }
        return node === undefined || row === undefined ? (
          <Fragment key={index} />
        ) : (
          <SpanRow key={index} index={index} at={row.node} node={node} {...props} />
        );
      }}
    />
  );
}

interface SpanRowProps extends WaterfallRowsProps {
  readonly index: number;
  readonly at: number;
  readonly node: SpanNode;
}

function SpanRow({ index, at, node, collapsed, hits, selected, range, onSelect, onFold }: SpanRowProps) {
  const below = node.end - at - 1;
  const isFolded = collapsed.has(at);
  const bar = barOf(node, range);
  return (
    <Row
      index={index}
      selected={index === selected}
      class={`hue-${hueOf(node.service)}${hits.has(at) ? " hit" : ""}`}
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
        <span class="name">{node.name || "(no name)"}</span>
        {isFolded && <span class="quiet"> +{below}</span>}
        <RowService service={node.service} />
      </Cell>
      <Cell class="chart">
        {bar !== undefined && (
          <>
            <i
              aria-hidden="true"
              class={`span-bar${node.failed ? " failed" : ""}${node.criticalNs > 0 ? " critical" : ""}`}
              style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
            />
            <span class="label" style={labelPlace(bar)}>
              {node.durationNs === undefined ? "no end" : shortNs(node.durationNs)}
            </span>
          </>
        )}
        {bar === undefined && <Outside startNs={node.startNs} range={range} />}
      </Cell>
    </Row>
  );
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

interface RepeatsRowProps extends WaterfallRowsProps {
  readonly index: number;
  readonly first: number;
  readonly count: number;
}

/** Of more spans than this the bars would be one. */
const mostBars = 200;

/** Spans that are alike, each as a bar, in one row. */
function RepeatsRow({ index, first, count, nodes, selected, range, onSelect, onOpen }: RepeatsRowProps) {
  const alike = nodes.slice(first, first + count);
  const node = alike[0] as SpanNode;
  const last = alike.at(-1) as SpanNode;
  const startNs = node.startNs;
  const endNs = last.startNs === undefined ? undefined : last.startNs + (last.durationNs ?? 0);
  const whole =
    startNs === undefined || endNs === undefined
      ? undefined
      : barOf({ startNs, durationNs: endNs - startNs }, range);
  const bars = count > mostBars ? [whole] : alike.map((one) => barOf(one, range));
  const sumNs = alike.reduce((sum, { durationNs = 0 }) => sum + durationNs, 0);
  return (
    <Row
      index={index}
      selected={index === selected}
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
          onClick={() => onOpen(first)}
        >
          ▸
        </button>
        <span class="name">{node.name || "(no name)"}</span>
        <span class="quiet"> ×{count}</span>
        <RowService service={node.service} />
      </Cell>
      <Cell class="chart">
        {bars.map(
          (bar, at) =>
            bar !== undefined && (
              <i
                key={at}
                aria-hidden="true"
                class="span-bar"
                style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
              />
            ),
        )}
        {whole !== undefined && (
          <span class="label" style={labelPlace(whole)}>
            {shortNs(sumNs)} in all
          </span>
        )}
      </Cell>
    </Row>
  );
}

interface MarkRowProps extends WaterfallRowsProps {
  readonly index: number;
  readonly mark: Mark;
  readonly depth: number;
}

function MarkRow({ index, mark, depth, selected, range, onSelect }: MarkRowProps): JSX.Element {
  const place = barOf({ startNs: mark.atNs, durationNs: 0 }, range);
  return (
    <Row
      index={index}
      selected={index === selected}
      class="mark"
      level={depth + 1}
      onChoose={() => onSelect(index)}
    >
      <Cell class="tree" style={{ paddingLeft: `${indent(depth)}px` }}>
        <span class="fold" />
        <span class={mark.failed ? "error" : "quiet"}>
          {mark.failed ? "✗" : "●"} {mark.kind}{" "}
        </span>
        <span class="name">{mark.text}</span>
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
}

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
