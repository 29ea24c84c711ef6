import { setTimeout } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { CommandContext } from "../command-context.ts";
import { durationExamples, parseDuration } from "../duration.ts";
import { isRefused } from "../failure.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
import { itemFilter } from "../item-filter.ts";
import { countFlag } from "../number-flag.ts";
import { printItems } from "../output/items.ts";
import { fromNanos } from "../proto-time.ts";
import { notAllowed } from "../usage-error.ts";

const defaultTimeout = "30s";
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
  const after = (flags.after as string | undefined) ?? "";
  const endMs = performance.now() + Number(nanos / 1_000_000n);
  let timeout = nanos;
  for (let isFirst = true; ; isFirst = false) {
    try {
      const request = { filter, minCount, after, timeout: fromNanos(timeout) };
      await printItems(await client.waitFor(request, { signal }), output);
      return 0;
    } catch (reason) {
      if (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded) {
        output.say(reason.rawMessage);
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

function timeoutOf(text = defaultTimeout): bigint {
  const nanos = parseDuration(text);
  if (nanos === undefined) {
    throw notAllowed("timeout", text, durationExamples);
  }
  return nanos;
}
