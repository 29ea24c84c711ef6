import { type DescMessage, fromJson } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { filterSchemas } from "../../../api/item-schemas.ts";
import type { ItemKind } from "../../../domain/item-kind.ts";
import { contentTypes } from "../../../otlp/content-types.ts";
import { fromNanos } from "../../api/proto-time.ts";
import type { ItemFilter } from "../../flags/filter-request.ts";
import { jsonName, withMissedNames } from "../../flags/flag-names.ts";
import type { Expectation } from "../../flags/run-flags.ts";
import { UsageError } from "../../flags/usage-error.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { sayNearestMiss } from "../items/nearest-miss.ts";

/** An expectation that was not met. */
export interface Unmet {
  readonly flag: string;
  readonly expected: string;
  /** How many matched, and on which fields the nearest miss failed. */
  readonly reason: string;
  /** Finds the nearest miss. */
  readonly miss?: { readonly filter: ItemFilter; readonly message: string };
}

/**
 * Has the server check the filters, as JSON, because it names the field that is wrong.
 * @throws UsageError that names the flag
 */
export async function checkExpectations(
  expectations: readonly Expectation[],
  { server }: Pick<CommandContext, "server">,
): Promise<void> {
  for (const { flag, kind, filter, minCount } of expectations) {
    const response = await fetch(`${server.url}/obsvty.v1.QueryService/WaitFor`, {
      method: "POST",
      headers: { ...server.headers, "content-type": contentTypes.json },
      body: JSON.stringify({ [kind]: filter, minCount, timeout: "0s" }),
      signal: AbortSignal.timeout(answerMs),
    });
    const { code, message } = (await response.json()) as { code?: string; message?: string };
    if (code === "invalid_argument") throw new UsageError(`${flag}: ${withoutKind(String(message), kind)}`);
  }
}

/**
 * Waits until what is expected is there.
 * @param waitMs how long to wait for all of them together
 * @returns those that were not met in time
 */
export async function unmetExpectations(
  expectations: readonly Expectation[],
  waitMs: number,
  context: CommandContext,
): Promise<Unmet[]> {
  const unmet = await Promise.all(expectations.map((each) => unmetExpectation(each, waitMs, context)));
  return unmet.filter((each) => each !== undefined);
}

async function unmetExpectation(
  { flag, given, kind, filter, minCount }: Expectation,
  waitMs: number,
  context: CommandContext,
): Promise<Unmet | undefined> {
  const { client } = context;
  // Without its type the message is one that others can be made of.
  const { $typeName, ...fields } = fromJson(filterSchemas[kind] as DescMessage, filter);
  const itemFilter = { case: kind, value: fields } as ItemFilter;
  const request = {
    filter: itemFilter,
    minCount: Number(minCount),
    timeout: fromNanos(BigInt(Math.max(0, Math.round(waitMs))) * 1_000_000n),
    // What matched is not looked at.
    maxBytes: 1,
  };
  try {
    await within(waitMs + answerMs, context, (abort) => client.waitFor(request, { signal: abort }));
    return undefined;
  } catch (reason) {
    if (!(reason instanceof ConnectError) || reason.code !== Code.DeadlineExceeded) throw reason;
    const { rawMessage } = reason;
    return {
      flag,
      expected: given,
      reason: withMissedNames(rawMessage.replace(/ within \d+ ms(?=; )/, ""), jsonName),
      miss: { filter: itemFilter, message: rawMessage },
    };
  }
}

/** Says why an expectation was not met, and shows the item that came nearest. */
export async function sayUnmet(
  { flag, expected, reason, miss }: Unmet,
  context: CommandContext,
): Promise<void> {
  context.output.say(
    `${[flag, expected]
      .filter((word) => word !== "")
      .map(quoted)
      .join(" ")}: ${reason}`,
  );
  if (miss !== undefined) await sayNearestMiss(miss.filter, miss.message, jsonName, context);
}

/** Fields without the name of the request's field that has the filter: `spans.name` is `name`. */
function withoutKind(message: string, kind: ItemKind): string {
  return message.replace(new RegExp(`\\b(?:${kind}|filter)\\.(?=[a-z])`, "g"), "");
}

function quoted(given: string): string {
  return /^[\w./:-]+$/.test(given) || given.trimStart().startsWith("{") ? given : JSON.stringify(given);
}
