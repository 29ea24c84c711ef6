import { setTimeout } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { type ItemKind, itemSignals } from "../../../domain/item-kind.ts";
import { fromNanos } from "../../api/proto-time.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { cursorFlag } from "../../flags/cursor-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import { durationFlag } from "../../flags/duration.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { itemFilter } from "../../flags/filter-request.ts";
import { flagName, type NamedField, withMissedNames } from "../../flags/flag-names.ts";
import { formatDuration } from "../../output/duration-text.ts";
import { printItems } from "../../output/items.ts";
import { counted, countedItems } from "../../output/summary-line.ts";
import type { CommandContext } from "../command-context.ts";
import { within } from "../deadline.ts";
import { isRefused } from "../failure.ts";
import { sayUnreadable } from "../left-out.ts";
import { printSearch } from "./item-search.ts";
import { sayNearestMiss } from "./nearest-miss.ts";

/** The server answers when its timeout is over; the answer may take this much longer to arrive. */
const slackMs = 5_000;
/** Time between two attempts to reach a server that is not there yet. */
const retryMs = 100;

/**
 * Prints the items that matched as soon as there are enough. When there are not enough in time the exit code is
 * 1, and a line says why. The time includes the time until a server is there.
 */
export async function wait(kind: ItemKind, flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output, server, abort } = context;
  const minCount = countFlag("min-count", flags.minCount as string | undefined) ?? flagDefaults.minCount;
  const nanos = durationFlag("timeout", (flags.timeout as string | undefined) ?? flagDefaults.waitTimeout);
  const filter = itemFilter(kind, flags);
  const after = cursorFlag(flags);
  if (output.isText) {
    output.say(`waiting up to ${formatDuration(nanos)} for ${countedItems(minCount, itemSignals[kind])}`);
  }
  const endMs = performance.now() + Number(nanos / 1_000_000n);
  let timeout = nanos;
  for (let isFirst = true; ; isFirst = false) {
    try {
      const request = { filter, minCount, after, timeout: fromNanos(timeout) };
      const timeoutMs = Number(timeout / 1_000_000n);
      const answer = await within(timeoutMs + slackMs, context, (abort) =>
        client.waitFor(request, { signal: abort }),
      );
      await printItems(answer, output);
      const { spans, logs, metrics, matched, cursor, missed, unreadable } = answer;
      const left = matched - spans.length - logs.length - metrics.length;
      // Items that did not fit into the answer follow its cursor.
      const rest =
        left > 0
          ? await printSearch(filter, { limit: left, after: cursor }, context)
          : { missed: 0n, unreadable: 0n };
      const evicted = missed + rest.missed;
      if (evicted > 0n) output.say(`${counted(evicted, "item")} evicted before they could be looked at`);
      sayUnreadable(unreadable + rest.unreadable, "item", output);
      return 0;
    } catch (reason) {
      if (reason instanceof ConnectError && reason.code === Code.DeadlineExceeded) {
        const nameOf = (field: NamedField) => flagName(field, flags);
        output.say(withMissedNames(reason.rawMessage, nameOf));
        await sayNearestMiss(filter, reason.rawMessage, nameOf, context);
        return 1;
      }
      const leftMs = endMs - performance.now();
      if (!isRefused(reason) || leftMs <= 0) {
        throw reason;
      }
      if (isFirst) {
        output.say(`nothing answers at ${server.url} yet, waiting for a server there`);
      }
      await setTimeout(Math.min(retryMs, leftMs), undefined, { signal: abort });
      timeout = BigInt(Math.max(0, Math.ceil(endMs - performance.now()))) * 1_000_000n;
    }
  }
}
