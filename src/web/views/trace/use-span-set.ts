import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { SpanNode } from "./waterfall.ts";

/**
 * A set of spans, by their indices. It holds the same spans after others have come, which moves the indices.
 * @param indexOf the index of a node by its key
 * @returns the set, and what replaces it
 */
export function useSpanSet(
  nodes: readonly SpanNode[],
  indexOf: ReadonlyMap<string, number>,
): readonly [ReadonlySet<number>, (indices: Iterable<number>) => void] {
  const keys = useSignal<readonly string[]>([]);
  const indices = useMemo(
    () => new Set(keys.value.flatMap((key) => indexOf.get(key) ?? [])),
    [keys.value, indexOf],
  );
  const replace = (next: Iterable<number>) => {
    keys.value = Array.from(next).flatMap((index) => nodes[index]?.key ?? []);
  };
  return [indices, replace];
}
