import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../api/call.ts";
import type { Kind } from "../state/filter-fields.ts";
import { type WhereRefusal, whereRefusal } from "../state/filters.ts";

/** No trace is likely to have it: an expression is looked at, and nothing is searched. */
const noTrace = "f".repeat(32);

/** Of more the server is not asked: a link may have thousands. */
const mostAsked = 50;

/**
 * Which expressions the server refuses. It is asked for each alone: in the filter they are joined, and a text or a
 * parenthesis that does not end in one of them is a fault in another.
 * @param refusal the server's words for the filter as a whole; "" when it was not refused
 * @returns undefined until they are known
 */
export function useWhereRefusals(
  kind: Kind,
  expressions: readonly string[],
  refusal: string,
): readonly WhereRefusal[] | undefined {
  const refusals = useSignal<readonly WhereRefusal[] | undefined>(undefined);
  useEffect(() => {
    const isOfWhere = /^(?:filter|without\[\d+\])\.where:/.test(refusal);
    refusals.value = isOfWhere ? undefined : [];
    if (!isOfWhere) return undefined;
    const abort = new AbortController();
    Promise.all(expressions.slice(0, mostAsked).map((where) => refusalOf(kind, where, abort.signal))).then(
      (found) => {
        if (!abort.signal.aborted) refusals.value = found.filter((one) => one !== undefined);
      },
    );
    return () => abort.abort();
  }, [kind, expressions.join("\n"), refusal]);
  return refusals.value;
}

async function refusalOf(kind: Kind, where: string, abort: AbortSignal): Promise<WhereRefusal | undefined> {
  const request = { filter: { where, traceId: noTrace }, limit: 1 };
  try {
    await (kind === "spans" ? call("SearchSpans", request, abort) : call("SearchLogs", request, abort));
    return undefined;
  } catch (error) {
    return whereRefusal(where, (error as Error).message);
  }
}
