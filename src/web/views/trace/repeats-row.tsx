import type { JSX } from "preact";
import { countOf, numberText } from "../../format/value.ts";
import { memo } from "../../parts/memo.ts";
import { Cell, Row } from "../../parts/table.tsx";
import { shortNs } from "./durations.ts";
import { BarLabel, Outside, RowName, type RowProps, RowService, Shape, TreeCell } from "./row-parts.tsx";
import type { SpanNode } from "./span-nodes.ts";
import { barOf, shapeOf } from "./time-range.ts";

interface RepeatsRowProps extends RowProps {
  readonly nodes: readonly SpanNode[];
  /** The index of the first. */
  readonly at: number;
  /** Of their service. */
  readonly hue: number;
  readonly count: number;
  /** Whether the critical path is shown. */
  readonly critical: boolean;
}

/** Spans that are alike, all of them in one row. */
export const RepeatsRow = memo((props: RepeatsRowProps): JSX.Element => {
  const { index, nodes, at, hue, room, count, isSelected, critical, fromNs, toNs, onSelect, onOpen } = props;
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
      class={`hue-${hue}`}
      level={node.depth + 1}
      expanded={false}
      onChoose={() => onSelect(index)}
    >
      <TreeCell
        depth={node.depth}
        room={room}
        fold={
          <button
            type="button"
            class="fold"
            tabIndex={-1}
            aria-label={`show each of the ${countOf(count, "span")}`}
            onClick={() => onOpen(at)}
          >
            ▸
          </button>
        }
      >
        <RowName name={node.name} />
        <span class="quiet"> ×{numberText(count)}</span>
        <RowService service={node.service} />
      </TreeCell>
      <Cell class="chart">
        <Shape class="of-alike" shape={shapeOf(alike, range)} />
        {critical && <Shape class="of-critical" shape={shapeOf(alike.filter(isCritical), range)} />}
        {whole === undefined ? (
          <Outside startNs={startNs} range={range} />
        ) : (
          <BarLabel bar={whole} title={`${shortNs(sumNs)} in all`}>
            <span aria-hidden="true">Σ </span>
            {shortNs(sumNs)}
            <span class="sr"> in all</span>
          </BarLabel>
        )}
      </Cell>
    </Row>
  );
});

function isCritical({ criticalNs }: SpanNode): boolean {
  return criticalNs > 0;
}
