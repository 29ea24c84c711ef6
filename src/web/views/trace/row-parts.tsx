import type { ComponentChildren, JSX } from "preact";
import { Cell } from "../../parts/table.tsx";
import { type IndentRoom, indentStyle, writtenLevel } from "./indent.ts";
import type { Range } from "./time-range.ts";

/** What rows do. The functions stay the same, so that a row is drawn again only when it shows something else. */
export interface RowActions {
  readonly onSelect: (row: number) => void;
  /** Shows a span that stands in one row with others. */
  readonly onOpen: (node: number) => void;
  readonly onFold: (node: number, isFolded: boolean) => void;
}

export interface RowProps extends RowActions, Range {
  readonly room: IndentRoom;
  readonly index: number;
  readonly isSelected: boolean;
}

interface ShapeProps {
  readonly class: string;
  /** As `shapeOf` makes it. */
  readonly shape: string;
}

export function Shape({ shape, ...props }: ShapeProps): JSX.Element {
  return (
    <svg aria-hidden="true" viewBox="0 0 1000 1" preserveAspectRatio="none" {...props}>
      <path d={shape} />
    </svg>
  );
}

/** More than this is not seen in a row, and makes browsers slow. */
const mostOfName = 300;

/** Names may be written from right to left: what stands beside them keeps its place. */
export function RowName({ name }: { readonly name: string }): JSX.Element {
  return <bdi class="name">{name === "" ? "(no name)" : name.slice(0, mostOfName)}</bdi>;
}

/** In the hue of its row. */
export function RowService({ service }: { readonly service: string }): JSX.Element {
  return (
    <span class="service">
      <i aria-hidden="true" />
      {service}
    </span>
  );
}

interface TreeCellProps {
  readonly depth: number;
  readonly room: IndentRoom;
  /** What folds and unfolds, if anything does. */
  readonly fold?: JSX.Element;
  readonly children: ComponentChildren;
}

/** The cell of a row that has its name, indented by its level. */
export function TreeCell({ depth, room, fold, children }: TreeCellProps): JSX.Element {
  const level = writtenLevel(depth, room);
  return (
    <Cell class="tree" style={indentStyle(depth, room)}>
      {fold ?? <span class="fold" />}
      {level !== undefined && (
        <span aria-hidden="true" class="level-number" title={`level ${level}`}>
          {level}
        </span>
      )}
      {children}
    </Cell>
  );
}

interface BarLabelProps {
  readonly bar: { readonly left: number; readonly width: number };
  readonly children: ComponentChildren;
  readonly title?: string;
}

/** In place of a bar that is not in the part of the time that is shown. */
export function Outside({
  startNs,
  range,
}: {
  readonly startNs: number | undefined;
  readonly range: Range;
}): JSX.Element {
  if (startNs === undefined) return <span class="label">no start</span>;
  return startNs > range.toNs ? <span class="label end">later ›</span> : <span class="label">‹ earlier</span>;
}

/** Stands behind the bar: the chart leaves room for it at its end. */
export function BarLabel({ bar: { left, width }, ...props }: BarLabelProps): JSX.Element {
  return <span class="label" style={{ left: `${left + width}%` }} {...props} />;
}
