import { invalidArgument, ObsvtyError } from "../../../domain/errors.ts";
import { type Profile, samplesOf } from "../../../otlp/decode/profile.ts";
import { AnswerPage, type Show } from "../answer-page.ts";
import { forEachInSteps } from "../in-steps.ts";
import { type AnswerQuery, boundsOf } from "../page-query.ts";
import { ordinalOf, type ReadDependencies } from "../read-dependencies.ts";
import { sortInSteps } from "../sort-in-steps.ts";
import { walkOrdinals } from "../walk.ts";
import { FunctionTable, maxMissingStacks, type ProfiledFunction } from "./function-table.ts";
import { ProfileReading, type ReadProfile } from "./profile-reading.ts";

export interface ProfileQuery extends Omit<AnswerQuery, "after"> {
  /** 32 lower-case hex digits. */
  readonly profileId?: string;
  /** That of the profile. One of both is given. */
  readonly cursor?: string;
  /** Stacks, at most. @default `readLimits.limit` */
  readonly limit?: number;
}

/** All samples of one stack. */
export interface FoldedStack {
  /** The names of the functions, the root first, with semicolons between. */
  readonly stack: string;
  readonly value: bigint;
  readonly samples: number;
}

export interface ProfileAnswer<Value> {
  readonly profile: Profile;
  /** Of all samples. */
  readonly total: bigint;
  /** The largest first. */
  readonly stacks: readonly Value[];
  /** Those with the most of their own first. */
  readonly functions: readonly ProfiledFunction[];
  readonly leftOut: { readonly stacks: number; readonly value: bigint };
}

const maxFunctions = 50;
/** No index of a sample. */
const otherMissing = Number.POSITIVE_INFINITY;
const otherMissingName = "(no stack, of other indices)";
const bytesOfStack = 128;

/**
 * What one profile tells.
 * @throws ObsvtyError not-found, invalid-argument that names an argument, answers-too-large, or the reason of the abort
 */
export async function getProfile<Value>(
  dependencies: ReadDependencies,
  query: ProfileQuery,
  show: Show<FoldedStack, Value>,
): Promise<ProfileAnswer<Value>> {
  const { share, abort } = query;
  const bounds = boundsOf(query);
  const { profile, bytes, dictionary } = await find(dependencies, query);
  const attributesBytes = bytesOfAttributes(profile);
  share.take(attributesBytes);
  const envelopeBytes = bounds.envelopeBytes + attributesBytes;
  const page = new AnswerPage<Value>({ ...bounds, envelopeBytes }, "oldest");

  const byIndex = new Map<number, Counted>();
  let missing = 0;
  const keyOf = (index: number) => {
    if (dictionary.hasStack(index) || byIndex.has(index)) return index;
    if (missing === maxMissingStacks) return otherMissing;
    missing += 1;
    return index;
  };
  let total = 0n;
  let held = 0;
  await forEachInSteps(dependencies, samplesOf(bytes), abort, (sample) => {
    if (sample === undefined) return true;
    const { stackIndex, value } = sample;
    total += value;
    if (addTo(byIndex, keyOf(stackIndex), value, 1) && byIndex.size % 1_000 === 0)
      share.take(1_000 * bytesOfStack);
    return true;
  });

  const folded = new Map<string, Counted>();
  const functions = new FunctionTable();
  await forEachInSteps(dependencies, byIndex, abort, ([index, { value, samples }]) => {
    const frames = index === otherMissing ? [dictionary.frame(otherMissingName)] : dictionary.stack(index);
    const heldBefore = functions.bytes;
    const stack = functions.add(frames, value);
    held += functions.bytes - heldBefore;
    if (addTo(folded, stack, value, samples)) held += bytesOfStack + 2 * stack.length;
    if (held > 0) share.take(held);
    held = 0;
    return true;
  });

  const stacks = await sortInSteps(dependencies, [...folded], byValue, abort);
  let shownValue = 0n;
  await forEachInSteps(dependencies, stacks, abort, ([stack, { value, samples }]) => {
    const before = page.values.length;
    const wantsMore = page.add(0, show({ stack, value, samples }));
    if (page.values.length > before) shownValue += value;
    return wantsMore;
  });
  return {
    profile,
    total,
    stacks: page.values,
    functions: (await sortInSteps(dependencies, functions.all(), bySelf, abort)).slice(0, maxFunctions),
    leftOut: { stacks: stacks.length - page.values.length, value: total - shownValue },
  };
}

/** What the attributes of a profile, its scope and its resource take in an answer: they may be megabytes. */
function bytesOfAttributes({ attributes, scope, resource }: Profile): number {
  return Buffer.byteLength(JSON.stringify([attributes, scope.attributes, resource]));
}

interface Counted {
  value: bigint;
  samples: number;
}

/** @returns whether there was none of this key before */
function addTo<Key>(counts: Map<Key, Counted>, key: Key, value: bigint, samples: number): boolean {
  const counted = counts.get(key);
  if (counted === undefined) {
    counts.set(key, { value, samples });
    return true;
  }
  counted.value += value;
  counted.samples += samples;
  return false;
}

function byValue([a, x]: readonly [string, Counted], [b, y]: readonly [string, Counted]): number {
  return compare(y.value, x.value) || (a < b ? -1 : 1);
}

function bySelf(a: ProfiledFunction, b: ProfiledFunction): number {
  return compare(b.self, a.self) || compare(b.total, a.total) || (a.name < b.name ? -1 : 1);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function find(
  dependencies: ReadDependencies,
  { profileId, cursor, abort }: ProfileQuery,
): Promise<ReadProfile> {
  const reading = new ProfileReading(dependencies, abort);
  if ((profileId === undefined) === (cursor === undefined)) {
    throw invalidArgument("profile_id", "it or cursor must be given, and not both");
  }
  const { first: from, next: to } = dependencies.store.range("profiles");
  let found: ReadProfile | undefined;
  const isOther = (read: ReadProfile | undefined) => {
    if (read?.profile.profileId === profileId) found = read;
    return found === undefined;
  };
  if (cursor !== undefined) {
    // The cursor of an item stands just after it.
    found = await reading.read(ordinalOf(dependencies, "profiles", "cursor", cursor) - 1);
  } else {
    await walkOrdinals(dependencies, { signal: "profiles", from, to, order: "newest", abort }, (ordinal) => {
      const read = reading.read(ordinal);
      return read instanceof Promise ? read.then(isOther) : isOther(read);
    });
  }
  if (found === undefined) throw new ObsvtyError("not-found", "no such profile is held");
  return found;
}
