import { GetProfileResponseSchema, type Profile, ProfileSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { cursorFlag } from "../../flags/cursor-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { parseTime, timeExamples } from "../../flags/time.ts";
import { notAllowed, UsageError } from "../../flags/usage-error.ts";
import { timePiece } from "../../output/clock-time.ts";
import { line, spaced, type View } from "../../output/line.ts";
import { readable } from "../../output/readable.ts";
import { durationColumns, durationText } from "../../output/span-line.ts";
import { counted } from "../../output/summary-line.ts";
import { figure, table } from "../../output/table.ts";
import { attributesPiece, omittedPiece, servicePiece } from "../../output/value-text.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { searchAll } from "./item-search.ts";
import { sayHowToGoOn } from "./search.ts";

/** Prints the profiles that are held and match, the newest last. */
export async function searchProfiles(flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const limit = countFlag("limit", flags.limit as string | undefined) ?? flagDefaults.limit;
  const asked = { limit, after: cursorFlag(flags) };
  const filter = filterOf(flags, Date.now());
  const { items, ...found } = await searchAll(asked, context, async (page, abort) => {
    const answer = await client.searchProfiles({ filter, ...page }, { signal: abort });
    return { ...answer, items: answer.profiles };
  });
  if (output.isText) await output.lines(items.map((profile) => profileLine(profile, output.view)));
  else await output.json(ProfileSchema, items);
  sayHowToGoOn({ ...found, count: items.length }, asked, output);
  return 0;
}

/** Prints what one profile tells. @param name its id, or its cursor */
export async function profile(name: string, flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const limit = countFlag("limit", flags.limit as string | undefined) ?? flagDefaults.limit;
  if (name === "") throw new UsageError("<profile>: must not be empty");
  const which = /^[0-9a-f]{32}$/i.test(name) ? { profileId: name } : { cursor: name };
  const answer = await within(answerMs, context, (abort) =>
    client.getProfile({ ...which, limit }, { signal: abort }),
  );
  const { stacks, functions, total, leftOutStacks, leftOutValue } = answer;
  if (flags.folded === true) {
    await output.lines(stacks.map(({ stack, value }) => `${readable(stack)} ${value}`));
  } else if (!output.isText) {
    await output.json(GetProfileResponseSchema, [answer]);
  } else {
    const rows = functions
      .slice(0, limit)
      .map((each) => [
        `${each.name}  ${each.file}`.trimEnd(),
        figure(each.self),
        partText(each.self, total),
        figure(each.total),
        partText(each.total, total),
      ]);
    const lines = table(["", "self", "%", "total", "%"], rows, output.view);
    await output.lines([...(answer.profile ? [profileLine(answer.profile, output.view)] : []), ...lines]);
  }
  // The text for people has no stacks.
  if (leftOutStacks > 0 && (flags.folded === true || !output.isText)) {
    const part = partText(leftOutValue, total);
    output.say(`left out ${counted(leftOutStacks, "stack")} with ${part} of the value; set --limit for more`);
  }
  return 0;
}

function filterOf(flags: FlagValues, nowMs: number) {
  const { service, type } = flags as Readonly<Record<string, string | undefined>>;
  if (type === "") throw new UsageError("--type: must not be empty");
  const since = timeFlag("since", flags, nowMs);
  const until = timeFlag("until", flags, nowMs);
  return {
    ...(service !== undefined && { service }),
    ...(type !== undefined && { type }),
    ...(since && { since }),
    ...(until && { until }),
  };
}

function timeFlag(name: "since" | "until", flags: FlagValues, nowMs: number) {
  const given = flags[name] as string | undefined;
  if (given === undefined) return undefined;
  const time = parseTime(given, nowMs);
  if (time === undefined) throw notAllowed(name, given, timeExamples);
  return time;
}

/** A profile as a line: time, duration, service, what it measures, how many samples, id, attributes. */
function profileLine(profile: Profile, view: View): string {
  return line(
    spaced([
      timePiece(profile.time, view),
      { text: durationText(profile.duration).padStart(durationColumns) },
      servicePiece(profile.service),
      { text: `${profile.type} ${profile.unit}`.trim(), style: "bold" },
      { text: counted(profile.sampleCount, "sample") },
      { text: profile.profileId, style: "dim" },
      omittedPiece(profile),
      attributesPiece(profile.attributes),
    ]),
    view,
  );
}

function partText(value: bigint, total: bigint): string {
  return total === 0n ? "" : `${Number(((Number(value) / Number(total)) * 100).toPrecision(3))} %`;
}
