import type { JSX } from "preact";
import { memo } from "../../parts/memo.ts";
import { Cell, Row } from "../../parts/table.tsx";
import { shortNs } from "./durations.ts";
import { BarLabel, Outside, RowName, type RowProps, RowService, Shape, TreeCell } from "./row-parts.tsx";
import { childrenOf, type SpanNode } from "./span-nodes.ts";
import { barOf, type Range, shapeOf } from "./time-range.ts";

interface SpanRowProps extends RowProps {
  readonly nodes: readonly SpanNode[];
  /** The index of the span, or of the first of those that are alike. */
  readonly at: number;
  /** Of its service. */
  readonly hue: number;
  readonly isFolded: boolean;
  readonly isHit: boolean;
  readonly isCritical: boolean;
}

export const SpanRow = memo((props: SpanRowProps): JSX.Element => {
  const {
    index,
    nodes,
    at,
    hue,
    room,
    isSelected,
    isFolded,
    isHit,
    isCritical,
    fromNs,
    toNs,
    onSelect,
    onFold,
  } = props;
  const node = nodes[at] as SpanNode;
  const below = node.end - at - 1;
  const range = { fromNs, toNs };
  const bar = barOf(node, range);
  return (
    <Row
      index={index}
      selected={isSelected}
      class={`hue-${hue}${isHit ? " hit" : ""}`}
      level={node.depth + 1}
      expanded={below > 0 ? !isFolded : undefined}
      onChoose={() => onSelect(index)}
    >
      <TreeCell
        depth={node.depth}
        room={room}
        {...(below > 0 && {
          fold: (
            <button
              type="button"
              class="fold"
              tabIndex={-1}
              aria-label={isFolded ? `show ${below} below` : "hide what is below"}
              onClick={() => onFold(at, !isFolded)}
            >
              {isFolded ? "▸" : "▾"}
            </button>
          ),
        })}
      >
        {node.orphan && <span title="its parent is not held">⚠ </span>}
        {node.circular && <span title="its parent is itself, or below it">⚠ </span>}
        {node.failed && <span class="error">✗ </span>}
        <RowName name={node.name} />
        {isFolded && <span class="quiet"> +{below}</span>}
        <RowService service={node.service} />
      </TreeCell>
      <Cell class="chart" title={below > 0 ? selfTitle(node) : undefined}>
        {bar !== undefined && (
          <>
            <i
              aria-hidden="true"
              class={`span-bar${node.failed ? " failed" : ""}${isCritical ? " critical" : ""}`}
              style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
            />
            {below > 0 && <Shape class="of-children" shape={childrenShape(nodes, at, range)} />}
            <BarLabel bar={bar}>
              {node.durationNs === undefined ? "no end" : shortNs(node.durationNs)}
            </BarLabel>
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
