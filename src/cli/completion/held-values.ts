import type { QueryClient } from "../api/client.ts";
import type { Server } from "../api/server.ts";
import type { Held } from "../flags/completed.ts";
import { counted, countedItems } from "../output/summary-line.ts";
import type { Candidate } from "./complete.ts";

/** How long a person who pressed the Tab key waits for the server. */
const waitMs = 500;
const limit = 100;

/**
 * The values that the server holds and that may begin with a text. None when the server does not answer at once, or
 * flags do not name one: a message would stand in the middle of the line that is typed.
 */
export async function heldValues(server: () => Server, held: Held, begun: string): Promise<Candidate[]> {
  try {
    // Only here: most words are completed without a server.
    const { createQueryClient } = await import("../api/client.ts");
    return await asked(createQueryClient(server()), held, begun, { signal: AbortSignal.timeout(waitMs) });
  } catch {
    return [];
  }
}

async function asked(
  client: QueryClient,
  held: Held,
  begun: string,
  call: { readonly signal: AbortSignal },
): Promise<Candidate[]> {
  // An empty text is refused.
  const filter = begun === "" ? {} : { nameContains: begun };
  switch (held.what) {
    case "services": {
      const { services } = await client.listServices({}, call);
      return services.map(({ name }) => ({ word: name }));
    }
    case "span names": {
      const { groups } = await client.summarizeSpans({ filter, groupBy: ["name"], limit }, call);
      return groups.map(({ group, count }) => ({
        word: group.name ?? "",
        meaning: countedItems(count, "traces"),
      }));
    }
    case "metric names": {
      const { metrics } = await client.listMetrics({ filter, limit }, call);
      return metrics.map(({ name, description }) => ({ word: name, meaning: description }));
    }
    case "trace ids": {
      const { traces } = await client.searchTraces({ limit }, call);
      return traces.map(({ traceId, rootName, services }) => ({
        word: traceId,
        meaning: [rootName, ...services].join(" "),
      }));
    }
    default: {
      const { of, what } = held;
      const prefix = keyOf(begun, what);
      const filter = { case: of, value: {} };
      const { attributes } = await client.listAttributes({ filter, prefix, limit, values: limit }, call);
      return attributes.flatMap(({ key, count, values }): Candidate[] => {
        if (what === "attributes" && begun.startsWith(`${key}=`)) {
          return values.map(({ value }) => ({ word: `${key}=${value}` }));
        }
        const [before, behind] = around[what];
        return [{ word: `${before}${key}${behind}`, meaning: counted(count, "item") }];
      });
    }
  }
}

/** What stands before and behind the key of an attribute. */
const around = {
  "attribute keys": ["", ""],
  attributes: ["", "="],
  "attribute groups": ["attributes.", ""],
} as const;

/** The key as far as it was typed. */
function keyOf(begun: string, what: keyof typeof around): string {
  if (what === "attributes") return begun.replace(/=.*/s, "");
  const [before] = around[what];
  return begun.startsWith(before) ? begun.slice(before.length) : "";
}
