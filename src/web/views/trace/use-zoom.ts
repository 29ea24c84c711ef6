import { useMemo } from "preact/hooks";
import { route, setParams } from "../../state/address.ts";
import type { SpanNode } from "./span-nodes.ts";
import { type Range, rangeOf } from "./time-range.ts";

/** The part of the time of a trace that is shown, which the address holds. */
export function useZoom(nodes: readonly SpanNode[]) {
  const wholeNs = useMemo(() => {
    return nodes.reduce((most, { startNs = 0, durationNs = 0 }) => Math.max(most, startNs + durationNs), 1);
  }, [nodes]);
  const whole: Range = { fromNs: 0, toNs: wholeNs };
  const range = rangeOf(route.value.params, whole);
  const zoom = ({ fromNs, toNs }: Range) => {
    const isWhole = fromNs <= 0 && toNs >= wholeNs;
    setParams({ from: isWhole ? "" : String(fromNs), to: isWhole ? "" : String(toNs) });
  };
  return { whole, range, isZoomed: range !== whole, zoom };
}
