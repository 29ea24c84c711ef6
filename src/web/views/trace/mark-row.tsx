import type { JSX } from "preact";
import { memo } from "../../parts/memo.ts";
import { Cell, Row } from "../../parts/table.tsx";
import { shortNs } from "./durations.ts";
import { RowName, type RowProps, TreeCell } from "./row-parts.tsx";
import { barOf } from "./time-range.ts";
import type { Mark } from "./waterfall.ts";

interface MarkRowProps extends RowProps {
  readonly mark: Mark;
  readonly depth: number;
}

export const MarkRow = memo((props: MarkRowProps): JSX.Element => {
  const { index, mark, depth, room, isSelected, fromNs, toNs, onSelect } = props;
  const place = barOf({ startNs: mark.atNs, durationNs: 0 }, { fromNs, toNs });
  return (
    <Row index={index} selected={isSelected} class="mark" level={depth + 1} onChoose={() => onSelect(index)}>
      <TreeCell depth={depth} room={room}>
        <span class={mark.failed ? "error" : "quiet"}>
          {mark.failed ? "✗" : "●"} {mark.kind}{" "}
        </span>
        <RowName name={mark.text} />
      </TreeCell>
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
