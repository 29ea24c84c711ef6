import { Fragment, type JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { durationsAlike } from "../../format/time.ts";
import { HeadCell } from "../../parts/table.tsx";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { indentRoom, narrowPx } from "./indent.ts";
import { MarkRow } from "./mark-row.tsx";
import { RepeatsRow } from "./repeats-row.tsx";
import type { RowActions } from "./row-parts.tsx";
import type { SpanNode } from "./span-nodes.ts";
import { SpanRow } from "./span-row.tsx";
import { axisTicks, type Range } from "./time-range.ts";
import type { WaterfallRow } from "./waterfall.ts";

interface WaterfallRowsProps extends RowActions {
  readonly nodes: readonly SpanNode[];
  /** Of the services. */
  readonly hues: ReadonlyMap<string, number>;
  readonly rows: readonly WaterfallRow[];
  readonly collapsed: ReadonlySet<number>;
  /** Nodes that the search found. */
  readonly hits: ReadonlySet<number>;
  readonly selected: number;
  /** Names the selected row: it is another row when others come before it. */
  readonly selectedKey: string;
  readonly range: Range;
  /** Whether the critical path is marked. */
  readonly critical: boolean;
}

export function WaterfallRows(props: WaterfallRowsProps): JSX.Element {
  const { nodes, hues, rows, collapsed, hits, range, selected, selectedKey, critical } = props;
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
  const [rowPx, setRowPx] = useState(innerWidth);
  const room = useMemo(() => indentRoom(rowPx), [rowPx]);
  const ticks = axisTicks(range, rowPx <= narrowPx ? 2 : 5);
  const tickTexts = durationsAlike(ticks);
  return (
    <VirtualRows
      role="treegrid"
      label="Spans of the trace"
      count={rows.length}
      selected={selected}
      selectedKey={selectedKey}
      onWidth={setRowPx}
      head={
        <>
          <HeadCell class="tree">span</HeadCell>
          <HeadCell class="chart">
            {ticks.map((at, i) => {
              const left = ((at - range.fromNs) / (range.toNs - range.fromNs)) * 100;
              return (
                <span key={at} class="tick" style={{ left: `${left}%` }}>
                  {tickTexts[i]}
                </span>
              );
            })}
          </HeadCell>
        </>
      }
      row={(index) => {
        const row = rows[index];
        const node = row && nodes[row.node];
        const shared = {
          index,
          isSelected: index === selected,
          room,
          fromNs: range.fromNs,
          toNs: range.toNs,
        };
        if (row?.kind === "mark") {
          const depth = (node?.depth ?? -1) + 1;
          return <MarkRow key={index} {...shared} {...actions} mark={row.mark} depth={depth} />;
        }
        if (row === undefined || node === undefined) return <Fragment key={index} />;
        const of = { ...shared, ...actions, nodes, at: row.node, hue: hues.get(node.service) ?? 0 };
        if (row.kind === "repeats")
          return <RepeatsRow key={index} {...of} count={row.count} critical={critical} />;
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
