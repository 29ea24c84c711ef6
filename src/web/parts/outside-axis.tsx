import { numberText } from "../format/value.ts";
import "../styles/outside-axis.css";

interface OutsideAxisProps {
  /** How many lie before the beginning of the axis, and after its end. */
  readonly earlier: number;
  readonly later: number;
  /** What they are, such as `traces`. */
  readonly what: string;
  readonly choose: (side: "earlier" | "later") => void;
}

/** How many items the axis of a plot does not reach, with a way to see them alone. */
export function OutsideAxis({ what, choose, ...counts }: OutsideAxisProps) {
  return (["earlier", "later"] as const).map((side) => {
    if (counts[side] === 0) return null;
    const count = numberText(counts[side]);
    return (
      <button
        key={side}
        type="button"
        class={`small outside-axis ${side}`}
        title={`${what} that are far ${side} than the others, and outside of the plot; click to list them alone`}
        onClick={() => choose(side)}
      >
        {side === "earlier" ? `◂ ${count} earlier` : `${count} later ▸`}
      </button>
    );
  });
}
