import type { GroupBy, GroupedValue } from "../../../domain/grouping.ts";
import type { ItemKind, ItemOf } from "../../../domain/item-kind.ts";
import type { Columns } from "../../../ports/telemetry-store.ts";
import { attributeText } from "../../filter/attribute-match.ts";
import { groupedValue } from "../../filter/group-value.ts";
import type { ReadDependencies } from "../read-dependencies.ts";
import { shortName } from "../short-name.ts";
import { sortInSteps } from "../sort-in-steps.ts";

/** A value of a group as it is shown: text, or the number of an enum. "" stands for an attribute that is not there. */
export type GroupValue = string | number;

/** What is counted of each group. */
export interface GroupFigures {
  /** Items. */
  count: number;
}

export interface Group<Figures> {
  readonly values: readonly GroupValue[];
  readonly figures: Figures;
}

/** The groups that an answer does not have, and the items in them. */
export interface LeftOut {
  readonly groups: number;
  readonly items: number;
}

/**
 * The groups of the items that are counted. Of more than `maxGroups` those with the fewest items are given up; what
 * comes of them later is counted as another group.
 */
export class GroupTable<Figures extends GroupFigures> {
  readonly #groupBy: readonly GroupBy[];
  readonly #make: () => Figures;
  readonly #maxGroups: number;
  readonly #groups = new Map<string, Group<Figures>>();
  #givenUp: LeftOut = { groups: 0, items: 0 };

  constructor(groupBy: readonly GroupBy[], maxGroups: number, make: () => Figures) {
    this.#groupBy = groupBy;
    this.#maxGroups = maxGroups;
    this.#make = make;
  }

  get size(): number {
    return this.#groups.size;
  }

  /** The figures of each group of the columns, by its index. */
  ofColumns({ groupValues }: Columns): Figures[] {
    return groupValues.map((values) => this.#figuresOf(values));
  }

  ofItem(item: ItemOf<ItemKind>): Figures {
    return this.#figuresOf(this.#groupBy.map((by) => groupedValue(item, by)));
  }

  #figuresOf(values: readonly GroupedValue[]): Figures {
    const shown = values.map((value, i) => shownValue(value, this.#groupBy[i]));
    const key = JSON.stringify(shown);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { values: shown, figures: this.#make() };
      this.#groups.set(key, group);
    }
    return group.figures;
  }

  /** Gives up the smaller half of too many groups. No figures that were handed out may be used afterwards. */
  prune(): void {
    if (this.#groups.size <= this.#maxGroups) return;
    const kept = this.#maxGroups / 2;
    // Sorting the groups themselves would take most of the time that a step may.
    const counts = Float64Array.from(this.#groups.values(), ({ figures }) => figures.count).sort();
    const least = counts[counts.length - kept] ?? 0;
    let room = kept - (counts.length - counts.lastIndexOf(least) - 1);
    let { groups, items } = this.#givenUp;
    for (const [key, { figures }] of this.#groups) {
      if (figures.count > least || (figures.count === least && room-- > 0)) continue;
      this.#groups.delete(key);
      groups += 1;
      items += figures.count;
    }
    this.#givenUp = { groups, items };
  }

  /** The groups, the largest first, as many as are asked for at most. */
  async largest(
    dependencies: Pick<ReadDependencies, "pace" | "turns">,
    limit: number,
    abort: AbortSignal | undefined,
  ): Promise<{ readonly groups: readonly Group<Figures>[]; readonly leftOut: LeftOut }> {
    const all = await sortInSteps(dependencies, [...this.#groups.values()], byCount, abort);
    return { groups: all.slice(0, limit), leftOut: leftOutOf(all.slice(limit), this.#givenUp) };
  }
}

/** @param others that are left out too */
export function leftOutOf(groups: readonly Group<GroupFigures>[], others: LeftOut): LeftOut {
  return {
    groups: others.groups + groups.length,
    items: groups.reduce((sum, { figures }) => sum + figures.count, others.items),
  };
}

function shownValue(value: GroupedValue, by: GroupBy | undefined): GroupValue {
  const isEnum = by !== undefined && "field" in by && typeof value === "number";
  if (isEnum) return value;
  return value === undefined ? "" : shortName(attributeText(value));
}

/** Groups of one size in the order of their values, so that an answer is the same each time. */
function byCount(a: Group<GroupFigures>, b: Group<GroupFigures>): number {
  return b.figures.count - a.figures.count || compareValues(a.values, b.values);
}

function compareValues(a: readonly GroupValue[], b: readonly GroupValue[]): number {
  const i = a.findIndex((value, at) => value !== b[at]);
  if (i < 0) return 0;
  return (a[i] ?? "") < (b[i] ?? "") ? -1 : 1;
}
