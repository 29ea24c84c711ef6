import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { route, setParams } from "../../state/address.ts";

/** Longer texts make an address that is not to be copied: what they tell is kept for this tab alone. */
const mostCharacters = 2_000;

/**
 * A set of spans, by their indices, that the address holds. Its text names spans, so that it holds the same ones after
 * others have come, which moves the indices.
 * @param param of the address
 * @param read the set that a text tells; another function reads anew
 * @returns the set, and what replaces it
 */
export function useSpanSet(
  param: string,
  read: (text: string) => ReadonlySet<number>,
  write: (indices: ReadonlySet<number>) => string,
): readonly [ReadonlySet<number>, (indices: Iterable<number>) => void] {
  const long = useSignal("");
  const text = long.value || (route.value.params[param] ?? "");
  const indices = useMemo(() => read(text), [text, read]);
  const replace = (next: Iterable<number>) => {
    const written = write(new Set(next));
    const isLong = written.length > mostCharacters;
    long.value = isLong ? written : "";
    if ((route.peek().params[param] ?? "") !== (isLong ? "" : written)) {
      setParams({ [param]: isLong ? "" : written });
    }
  };
  return [indices, replace];
}
