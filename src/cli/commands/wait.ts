import { Code, ConnectError } from "@connectrpc/connect";
import type { CommandContext } from "../command-context.ts";
import { durationExamples, parseDuration } from "../duration.ts";
import type { FlagValues, ItemKind } from "../filter-flags.ts";
import { itemFilter } from "../item-filter.ts";
import { countFlag } from "../number-flag.ts";
import { printItems } from "../output/items.ts";
import { fromNanos } from "../proto-time.ts";
import { notAllowed } from "../usage-error.ts";

/** Prints the items that matched as soon as there are enough. 1, and why, when there are not in time. */
export async function wait(
  kind: ItemKind,
  flags: FlagValues,
  { client, output, signal }: CommandContext,
): Promise<number> {
  const minCount = countFlag("min-count", flags.minCount as string | undefined) ?? 0;
  const timeout = timeoutOf(flags.timeout as string | undefined);
  const filter = itemFilter(kind, flags);
  const after = (flags.after as string | undefined) ?? "";
  try {
    await printItems(
      await client.waitFor({ filter, minCount, after, ...(timeout && { timeout }) }, { signal }),
      output,
    );
    return 0;
  } catch (reason) {
    if (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded) {
      output.say(reason.rawMessage);
      return 1;
    }
    throw reason;
  }
}

function timeoutOf(text: string | undefined) {
  const nanos = text === undefined ? undefined : parseDuration(text);
  if (text !== undefined && nanos === undefined) {
    throw notAllowed("timeout", text, durationExamples);
  }
  return nanos === undefined ? undefined : fromNanos(nanos);
}
