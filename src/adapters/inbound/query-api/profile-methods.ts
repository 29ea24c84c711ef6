import { create } from "@bufbuild/protobuf";
import * as pb from "../../../../gen/obsvty/v1/query_pb.ts";
import { parseProfileId } from "../../../domain/ids.ts";
import type { Profile } from "../../../otlp/decode/profile.ts";
import type { Core } from "../../../use-cases/core.ts";
import type { ProfiledFunction } from "../../../use-cases/read/profiles/function-table.ts";
import type { ProfileFilter } from "../../../use-cases/read/profiles/search-profiles.ts";
import type { AddApiMethod } from "../api/api-methods.ts";
import { listEncoding } from "../api/list-answer.ts";
import { checkWindow, unixNano } from "../api/time-arguments.ts";
import { withAnswerShare } from "./answer-share.ts";
import { toListQuery, toPageQuery } from "./from-proto.ts";
import { toContext, toDurationOf, toStruct, toTimestamp, unlessZero } from "./to-proto.ts";

/** The functions and the profile stand beside the list whose bytes are bounded. */
const envelopeBytes = 131_072;

/** The methods of `obsvty.v1.QueryService` that read profiles. */
export function registerProfileMethods(add: AddApiMethod, core: Core): void {
  const { reader } = core;
  const { searchProfiles, getProfile } = pb.QueryService.method;
  const cursorOf = ({ ordinal }: Profile) => reader.itemCursor("profiles", ordinal);

  add(searchProfiles, async (request, context) => {
    const filter = profileFilter(request.filter, "filter");
    const { encode, answer } = listEncoding(context, searchProfiles.output, "profiles");
    return withAnswerShare(core, context, async (share) => {
      const query = { ...toPageQuery(request, context, share), filter };
      const { items, missed, unreadable, cursor, previous } = await reader.searchProfiles(query, (profile) =>
        encode(toProfile(profile, cursorOf(profile))),
      );
      return answer(items, { cursor, previous, missed: BigInt(missed), unreadable: BigInt(unreadable) });
    });
  });

  add(getProfile, async (request, context) => {
    const { profileId, cursor } = request;
    const { encode, answer } = listEncoding(context, getProfile.output, "stacks");
    return withAnswerShare(core, context, async (share) => {
      const query = {
        ...toListQuery(request, context, share),
        envelopeBytes,
        ...(profileId !== "" && { profileId: parseProfileId(profileId, "profile_id") }),
        ...(cursor !== "" && { cursor }),
      };
      const { profile, total, stacks, functions, leftOut } = await reader.getProfile(query, (stack) =>
        encode(create(pb.FoldedStackSchema, { ...stack, value: int64(stack.value) })),
      );
      return answer(stacks, {
        profile: toProfile(profile, cursorOf(profile)),
        total: int64(total),
        functions: functions.map(toFunction),
        leftOutStacks: leftOut.stacks,
        leftOutValue: int64(leftOut.value),
      });
    });
  });
}

export function profileFilter(filter: pb.ProfileFilter | undefined, path: string): ProfileFilter {
  if (filter === undefined) return {};
  const { service, type } = filter;
  const sinceUnixNano = unixNano(filter.since, `${path}.since`);
  const untilUnixNano = unixNano(filter.until, `${path}.until`);
  checkWindow("since", sinceUnixNano, `${path}.until`, untilUnixNano);
  return {
    ...(service !== undefined && { service }),
    ...(type !== "" && { type }),
    ...(sinceUnixNano !== undefined && { sinceUnixNano }),
    ...(untilUnixNano !== undefined && { untilUnixNano }),
  };
}

function toProfile(profile: Profile, cursor: string): pb.Profile {
  const { profileId, type, unit, samples, periodType, periodUnit, period, originalPayloadFormat } = profile;
  return create(pb.ProfileSchema, {
    profileId,
    time: toTimestamp(profile.timeUnixNano),
    duration: toDurationOf(profile.durationNano),
    type,
    unit,
    sampleCount: samples,
    periodType,
    periodUnit,
    period,
    attributes: toStruct(profile.attributes),
    ...toContext(profile),
    cursor,
    droppedAttributesCount: unlessZero(profile.droppedAttributesCount),
    ...(originalPayloadFormat !== "" && { originalPayloadFormat }),
  });
}

function toFunction({ name, file, self, total }: ProfiledFunction) {
  return { name, file, self: int64(self), total: int64(total) };
}

/** Sums of int64s may be larger than one. */
function int64(value: bigint): bigint {
  const limit = 2n ** 63n;
  return value >= limit ? limit - 1n : value < -limit ? -limit : value;
}
