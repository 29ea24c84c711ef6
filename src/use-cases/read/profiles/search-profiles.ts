import { isKnownTime } from "../../../domain/time.ts";
import type { Profile } from "../../../otlp/decode/profile.ts";
import { AnswerPage, type Show } from "../answer-page.ts";
import { boundsOf, type Page, type PageQuery, pageOf, windowOf } from "../page-query.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { walkOrdinals } from "../walk.ts";
import { ProfileReading, type ReadProfile } from "./profile-reading.ts";

/** All fields are optional; a profile must meet every one that is set. */
export interface ProfileFilter {
  /** `service.name` of the resource; "" means none. */
  readonly service?: string;
  /** What its samples measure. */
  readonly type?: string;
  /** Of its time, as in `CommonFilter`. */
  readonly sinceUnixNano?: bigint;
  readonly untilUnixNano?: bigint;
}

export interface ProfilesQuery extends PageQuery {
  /** @default matches everything */
  readonly filter?: ProfileFilter;
}

/**
 * A page of the profiles that match.
 * @throws ObsvtyError invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function searchProfiles<Value>(
  dependencies: ReadDependencies,
  query: ProfilesQuery,
  show: Show<Profile, Value>,
): Promise<Page<Value>> {
  const { filter = {}, abort } = query;
  const window = windowOf(dependencies, "profiles", query);
  const page = new AnswerPage<Value>(boundsOf(query), window.order);
  const reading = new ProfileReading(dependencies, abort);
  const { type: _, ...indexed } = filter;
  const add = (ordinal: number, read: ReadProfile | undefined) =>
    read === undefined || !matches(read.profile, filter) || page.add(ordinal, show(read.profile));
  const lost = await walkOrdinals(dependencies, { ...window, filter: indexed, abort }, (ordinal) => {
    const read = reading.read(ordinal);
    return read instanceof Promise ? read.then((whole) => add(ordinal, whole)) : add(ordinal, read);
  });
  return pageOf(dependencies, window, page, { edge: page.edge, lost, unreadable: reading.unreadable });
}

function matches(profile: Profile, { service, type, sinceUnixNano, untilUnixNano }: ProfileFilter): boolean {
  const { timeUnixNano } = profile;
  if (service !== undefined && profile.service !== service) return false;
  if (type !== undefined && profile.type !== type) return false;
  if (sinceUnixNano === undefined && untilUnixNano === undefined) return true;
  return (
    isKnownTime(timeUnixNano) &&
    (sinceUnixNano === undefined || timeUnixNano >= sinceUnixNano) &&
    (untilUnixNano === undefined || timeUnixNano < untilUnixNano)
  );
}
