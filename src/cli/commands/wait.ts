import { setTimeout } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { CommandContext } from "../command-context.ts";
import { cursorFlag } from "../cursor-flag.ts";
import { within } from "../deadline.ts";
import { durationExamples, parseDuration } from "../duration.ts";
import { isRefused } from "../failure.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
import { itemFilter } from "../item-filter.ts";
import { printSearch } from "../item-search.ts";
import { countFlag } from "../number-flag.ts";
import { printItems } from "../output/items.ts";
import { fromNanos } from "../proto-time.ts";
import { notAllowed } from "../usage-error.ts";

const defaultTimeout = "30s";
/** The API's own. */
const maxTimeoutNanos = 3_600_000_000_000n;
/** The server is to answer by its time-out, and has so much more for that. */
const slackMs = 5_000;
/** How often a server that is not there yet is looked for. */
const retryMs = 100;

/**
 * Prints the items that matched as soon as there are enough. 1, and why, when there are not in time. The
 * server may still be starting: that counts as waiting too.
 */
export async function wait(kind: ItemKind, flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output, server, signal } = context;
  const minCount = countFlag("min-count", flags.minCount as string | undefined) ?? 0;
  const nanos = timeoutOf(flags.timeout as string | undefined);
  const filter = itemFilter(kind, flags);
  const after = cursorFlag(flags);
  const endMs = performance.now() + Number(nanos / 1_000_000n);
  let timeout = nanos;
  for (let isFirst = true; ; isFirst = false) {
    try {
      const request = { filter, minCount, after, timeout: fromNanos(timeout) };
      const leftMs = Number(timeout / 1_000_000n);
      const call = (signal: AbortSignal) => client.waitFor(request, { signal });
      const answer = await within(leftMs + slackMs, context, call);
      await printItems(answer, output);
      const { spans, logs, metrics, matched, cursor } = answer;
      const left = matched - spans.length - logs.length - metrics.length;
      // Those that did not fit into the answer follow its cursor.
      if (left > 0) await printSearch(filter, { limit: left, after: cursor }, context);
      return 0;
    } catch (reason) {
      if (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded) {
        output.say(withFlags(reason.rawMessage));
        return 1;
      }
      const leftMs = endMs - performance.now();
      if (!isRefused(reason) || leftMs <= 0) {
        throw reason;
      }
      if (isFirst) {
        output.say(`nothing answers at ${server.url} yet, waiting for that too`);
      }
      await setTimeout(Math.min(retryMs, leftMs), undefined, { signal });
      timeout = BigInt(Math.max(0, Math.ceil(endMs - performance.now()))) * 1_000_000n;
    }
  }
}

/** The server names the fields on which the nearest miss failed; here they are flags. */
function withFlags(message: string): string {
  return message.replace(/(?<=failed on ).*/, (fields) =>
    fields.replace(/[a-z_]+/g, (field) => `--${field.replaceAll("_", "-")}`),
  );
}

function timeoutOf(text = defaultTimeout): bigint {
  const nanos = parseDuration(text);
  if (nanos === undefined || nanos > maxTimeoutNanos) {
    throw notAllowed("timeout", text, `${durationExamples}, at most 1h`);
  }
  return nanos;
}
