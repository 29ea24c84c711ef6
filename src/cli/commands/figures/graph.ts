import { type ServiceCalls, ServiceCallsSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { filterOf } from "../../flags/filter-request.ts";
import { durationText } from "../../output/span-line.ts";
import { counted } from "../../output/summary-line.ts";
import { figure, printTable } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { sayUnreadable } from "../left-out.ts";

/** Prints which service calls which. */
export async function graph(flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const limit = countFlag("limit", flags.limit as string | undefined) ?? flagDefaults.limit;
  const request = { filter: filterOf("spans", flags), limit };
  const answer = await within(answerMs, context, (abort) =>
    client.getServiceGraph(request, { signal: abort }),
  );
  if (output.isText) {
    const rows = answer.calls.map((calls) => [
      nameOf(calls),
      figure(calls.calls),
      calls.errorCount === 0 ? "" : figure(calls.errorCount),
      durationText(calls.p50),
      durationText(calls.p95),
      durationText(calls.max),
    ]);
    const headings = ["", "calls", "errors", "p50", "p95", "max"];
    if (rows.length === 0) await output.lines(["no calls"]);
    else await printTable(headings, rows, ["max", "p50", "p95"], output);
  } else {
    await output.json(ServiceCallsSchema, answer.calls);
  }
  const { leftOutPairs, leftOut, notLookedAt, unreadable } = answer;
  if (leftOutPairs > 0 || leftOut > 0) {
    const what = `${counted(leftOutPairs, "pair")} of services with ${counted(leftOut, "call")}`;
    output.say(`left out ${what}; set --limit for more`);
  }
  if (notLookedAt > 0) output.say(`the oldest ${counted(notLookedAt, "span")} were not looked at`);
  sayUnreadable(unreadable, "span", output);
  return 0;
}

/** `shop → cart`; brackets stand around a callee that sends nothing, and a message has another arrow. */
function nameOf({ caller, callee, peer, messaging }: ServiceCalls): string {
  const arrow = messaging ? "⇢" : "→";
  return `${caller || "(none)"} ${arrow} ${peer ? `[${callee}]` : callee || "(none)"}`;
}
