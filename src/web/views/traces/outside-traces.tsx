import { outsideParams, type ScatterPlan } from "./scatter.ts";

interface OutsideTracesProps {
  readonly plan: ScatterPlan;
  /** Called with the parameters of the address for them. */
  readonly choose: (params: Record<string, string>) => void;
}

/** How many traces the axis does not reach, with a way to see them alone. */
export function OutsideTraces({ plan, choose }: OutsideTracesProps) {
  return (["earlier", "later"] as const).map((side) => {
    const count = plan[side].toLocaleString("en");
    if (plan[side] === 0) return null;
    return (
      <button
        key={side}
        type="button"
        class={`small outside-traces ${side}`}
        title={`traces that are far ${side} than the others, and outside of the plot; click to list them alone`}
        onClick={() => choose(outsideParams(plan, side))}
      >
        {side === "earlier" ? `◂ ${count} earlier` : `${count} later ▸`}
      </button>
    );
  });
}
