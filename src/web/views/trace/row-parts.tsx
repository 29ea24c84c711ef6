import type { JSX } from "preact";
import type { Range } from "./time-range.ts";

/** What rows do. The functions stay the same, so that a row is drawn again only when it shows something else. */
export interface RowActions {
  readonly onSelect: (row: number) => void;
  /** Shows a span that stands in one row with others. */
  readonly onOpen: (node: number) => void;
  readonly onFold: (node: number, isFolded: boolean) => void;
}

export interface RowProps extends RowActions, Range {
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

/** Beside the bar where there is room, else at its end within it. */
export function labelPlace({ left, width }: { readonly left: number; readonly width: number }) {
  const right = left + width;
  if (right <= 80) return { left: `${right}%` };
  return left >= 20
    ? { right: `${100 - left}%` }
    : { right: "4px", borderRadius: "3px", background: "var(--ground)", top: "3px", lineHeight: "18px" };
}

/** Deep trees must leave room for names: the part of a row for the tree is twice as wide, or more. */
export function indent(depth: number): string {
  return `min(${4 + Math.min(depth, 24) * 12}px, 18%)`;
}
