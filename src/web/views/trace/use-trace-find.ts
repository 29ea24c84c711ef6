import { useMemo } from "preact/hooks";
import { zone } from "../../state/address.ts";
import { itemText } from "../../state/item-text.ts";
import { spansWith } from "./span-nodes.ts";
import type { TraceData } from "./trace-data.ts";
import { useFoundSpans } from "./use-found-spans.ts";

/** The spans in which a text is found, by the page or by the server. @param find "" finds nothing */
export function useTraceFind(traceId: string, data: TraceData, find: string) {
  const { nodes, outline, spans, unread } = data;
  const search = useFoundSpans(traceId, unread > 0 ? find : "", outline.cursor ?? "");
  const found = useMemo(() => {
    if (find === "") return [];
    const textOf = (index: number) => {
      const span = spans.get(index);
      return span && itemText(span, zone.value);
    };
    return spansWith(nodes, find, textOf, search.ids);
  }, [find, data, search, zone.value]);
  const hits = useMemo(() => new Set(found), [found]);
  return { search, found, hits };
}
