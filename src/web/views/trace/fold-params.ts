import type { SpanNode } from "./span-nodes.ts";

/*
 * Folds as the address holds them. A few spans are named by their keys, `_KEY_KEY`. Of many, as after all were folded, a
 * number says from which depth on spans are folded, and keys name those that are otherwise: `3_KEY`.
 */

const separator = "_";

/** As many are named by their keys, which stay when more spans come. */
const fewKeys = 10;

type Indices = ReadonlySet<number>;
type IndexOf = ReadonlyMap<string, number>;

export function foldText(nodes: readonly SpanNode[], folded: Indices): string {
  if (folded.size === 0) return "";
  const level = folded.size <= fewKeys ? undefined : nearestLevel(nodes, folded);
  const others = level === undefined ? folded : symmetricDifference(foldedFrom(nodes, level), folded);
  return [level ?? "", ...keysOf(nodes, others)].join(separator);
}

export function foldedNodes(nodes: readonly SpanNode[], indexOf: IndexOf, text: string): Indices {
  const [level = "", ...keys] = text.split(separator);
  const from: Indices = /^\d+$/.test(level) ? foldedFrom(nodes, Number(level)) : new Set();
  const named = keys.flatMap((key) => indexOf.get(key) ?? []).filter((index) => isParent(nodes, index));
  return symmetricDifference(from, new Set(named));
}

/** Rows of spans alike that are shown span by span. @param repeats as `repeatsOf` finds them @param opened one span of each row */
export function eachText(
  nodes: readonly SpanNode[],
  repeats: ReadonlyMap<number, number>,
  opened: Indices,
): string {
  const isAll = opened.size > fewKeys && [...repeats.keys()].every((first) => opened.has(first));
  return isAll ? "all" : keysOf(nodes, opened).join(separator);
}

export function eachNodes(repeats: ReadonlyMap<number, number>, indexOf: IndexOf, text: string): Indices {
  return new Set(
    text === "all" ? repeats.keys() : text.split(separator).flatMap((key) => indexOf.get(key) ?? []),
  );
}

function keysOf(nodes: readonly SpanNode[], indices: Iterable<number>): readonly string[] {
  return Array.from(indices).flatMap((index) => nodes[index]?.key ?? []);
}

function isParent(nodes: readonly SpanNode[], index: number): boolean {
  return (nodes[index]?.end ?? 0) > index + 1;
}

function foldedFrom(nodes: readonly SpanNode[], level: number): Indices {
  return new Set(
    nodes.flatMap(({ depth }, index) => (depth >= level && isParent(nodes, index) ? [index] : [])),
  );
}

/** The depth from which on nearly all are folded. @returns undefined where their keys alone are fewer */
function nearestLevel(nodes: readonly SpanNode[], folded: Indices): number | undefined {
  const parents: number[] = [];
  const foldedParents: number[] = [];
  for (const [index, { depth }] of nodes.entries()) {
    if (!isParent(nodes, index)) continue;
    parents[depth] = (parents[depth] ?? 0) + 1;
    foldedParents[depth] = (foldedParents[depth] ?? 0) + (folded.has(index) ? 1 : 0);
  }
  // From below the deepest level up: those that the level folds and should not, or does not and should.
  let others = folded.size;
  let [best, least] = [undefined as number | undefined, others];
  for (let level = parents.length - 1; level >= 0; level--) {
    others += (parents[level] ?? 0) - 2 * (foldedParents[level] ?? 0);
    if (others < least) [best, least] = [level, others];
  }
  return best;
}

function symmetricDifference(one: Indices, other: Indices): Indices {
  const left = [...one].filter((index) => !other.has(index));
  return new Set([...left, ...[...other].filter((index) => !one.has(index))]);
}
