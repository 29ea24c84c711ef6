import type { ComponentChildren, CSSProperties, JSX } from "preact";

/*
 * The parts of a table of which only some rows are in the document; tables of HTML cannot do that. Neither rows nor cells
 * are stops of the Tab key: the whole table is one, and `aria-activedescendant` says which row is meant, as the ARIA
 * patterns of grids and tree grids allow. Keys are handled for the whole page (`keys.ts`).
 */

export const rowHeight = 24;

export function rowId(index: number): string {
  return `row-${index}`;
}

interface Contents {
  readonly children: ComponentChildren;
}

interface RowGroupProps extends Contents {
  readonly height: number;
  readonly onPointer: ((inside: boolean) => void) | undefined;
}

export function RowGroup({ height, onPointer, children }: RowGroupProps): JSX.Element {
  return (
    // biome-ignore lint/a11y: see the top of this file
    <div
      class="space"
      role="rowgroup"
      style={{ height: `${height}px` }}
      onPointerEnter={() => onPointer?.(true)}
      onPointerLeave={() => onPointer?.(false)}
    >
      {children}
    </div>
  );
}

export function HeadRow({ children }: Contents): JSX.Element {
  return (
    // biome-ignore lint/a11y: see the top of this file
    <div class="head" role="rowgroup">
      {/* biome-ignore lint/a11y: see the top of this file */}
      <div class="row" role="row" aria-rowindex={1}>
        {children}
      </div>
    </div>
  );
}

interface RowProps extends Contents {
  readonly index: number;
  readonly selected: boolean;
  readonly class?: string;
  /** In a tree, from 1 on. */
  readonly level?: number;
  /** In a tree, of a row with others below it. */
  readonly expanded?: boolean | undefined;
  /** Called for a click. The end of a selection of text is none, and links and buttons do their own. */
  readonly onChoose: () => void;
}

export function Row({
  index,
  selected,
  level,
  expanded,
  onChoose,
  children,
  ...props
}: RowProps): JSX.Element {
  return (
    // biome-ignore lint/a11y: see the top of this file
    <div
      id={rowId(index)}
      class={`row item ${props.class ?? ""}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-level={level}
      aria-expanded={expanded}
      style={{ top: `${index * rowHeight}px` }}
      onClick={({ target }) => {
        const isOwn = (target as HTMLElement).closest("a, button") === null;
        if (isOwn && (getSelection()?.isCollapsed ?? true)) onChoose();
      }}
    >
      {children}
    </div>
  );
}

interface CellProps extends Contents {
  readonly class: string;
  readonly title?: string | undefined;
  readonly style?: CSSProperties;
}

export function Cell(props: CellProps): JSX.Element {
  // biome-ignore lint/a11y: see the top of this file
  return <span role="gridcell" {...props} />;
}

export function HeadCell(props: CellProps): JSX.Element {
  // biome-ignore lint/a11y: see the top of this file
  return <span role="columnheader" {...props} />;
}
