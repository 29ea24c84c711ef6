import type { AssertionError } from "node:assert";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { SpanSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { itemSchemas } from "../../api/item-schemas.ts";
import { itemLines } from "../../cli/output/items.ts";
import { countedItems } from "../../cli/output/summary-line.ts";
import { traceTree } from "../../cli/output/trace-tree.ts";
import { type ItemKind, type ItemOf, itemSignals } from "../../domain/item-kind.ts";
import { signalTraits } from "../../domain/signal.ts";
import { planOf } from "../../use-cases/filter/item-plan.ts";
import { MissSearch } from "../../use-cases/read/nearest-miss.ts";
import type { Filters } from "../filters.ts";
import type { Items, Span } from "../items.ts";
import { bounded, failure, plainView, shortly } from "./failure-text.ts";
import { decodedItem } from "./item-json.ts";
import { missedValues } from "./missed-value.ts";
import type { ParsedFilter } from "./parse-filter.ts";

/** What was expected, and what there is. */
export interface Expectation<Kind extends ItemKind> {
  readonly kind: Kind;
  readonly filter: Filters[Kind];
  readonly parsed: ParsedFilter<Kind>;
  /** How many items at least. */
  readonly count: number;
  /** How long they were waited for; undefined when they were not. */
  readonly timeoutMs?: number;
  /** All that there is, the newest last. */
  readonly items: readonly Items[Kind][];
}

/** The failure of an expectation that there are enough items. */
export function tooFewItems<Kind extends ItemKind>(expected: Expectation<Kind>): AssertionError {
  return failure(describeTooFew(expected));
}

/** Says what was expected, how many came, the nearest miss, and what is there. */
export function describeTooFew<Kind extends ItemKind>(expected: Expectation<Kind>): string {
  const { kind, filter, parsed, count, timeoutMs, items } = expected;
  const { conditions, matches } = planOf(kind, parsed.filter, parsed.also);
  const misses = new MissSearch<ItemOf<Kind>>(conditions);
  const shownOf = new Map<ItemOf<Kind>, Items[Kind]>();
  let matched = 0;
  for (const shown of items.toReversed()) {
    const item = decodedItem(kind, shown);
    if (item === undefined) continue;
    shownOf.set(item, shown);
    if (matches?.(item) === false) misses.look(item);
    else matched += 1;
  }
  const { item, failed = [] } = misses.told(matched) ?? {};
  const near = item && shownOf.get(item);
  const within = timeoutMs === undefined ? "" : ` within ${timeoutMs} ms`;
  return bounded([
    `expected ${countedItems(count, itemSignals[kind])} that match${count === 1 ? "es" : ""} ${shortly(filter)}${within}, ${matched === 0 ? "none" : `only ${matched}`} did`,
    ...(near === undefined
      ? []
      : [
          `the nearest miss failed on ${failed.length === 1 ? "" : `${failed.length} conditions: `}${missedValues(failed, filter, near).join("; ")}`,
          ...linesOf(kind, [near]).map(indented),
        ]),
    ...whatIsHeld(kind, items, near),
  ]);
}

/** Says which items match that should not be there. */
export function describeUnwanted<Kind extends ItemKind>(
  kind: Kind,
  filter: Filters[Kind],
  matched: readonly Items[Kind][],
): string {
  return bounded([
    `expected no ${signalTraits[itemSignals[kind]].itemNoun.one} that matches ${shortly(filter)}, ${matched.length} did`,
    ...linesOf(kind, matched.slice(-maxItems)).map(indented),
  ]);
}

/** The spans of one trace as a tree. */
function treeLines(spans: readonly Span[]): string[] {
  return traceTree(
    spans.map((span) => fromJson(SpanSchema, span as unknown as JsonValue)),
    plainView(),
  );
}

const maxItems = 10;
const maxTraces = 3;

/** The newest traces as trees, that of the nearest miss first; of other kinds the newest items. */
export function whatIsHeld<Kind extends ItemKind>(
  kind: Kind,
  items: readonly Items[Kind][],
  near?: Items[Kind],
): string[] {
  const { many } = signalTraits[itemSignals[kind]].itemNoun;
  if (items.length === 0) return [`no ${many} are held`];
  if (kind !== "spans") {
    const shown = items.slice(-maxItems);
    return [
      `held: ${countedItems(items.length, itemSignals[kind])}${shown.length < items.length ? ", the newest:" : ":"}`,
    ].concat(linesOf(kind, shown).map(indented));
  }
  const traces = new Map<string, Span[]>();
  for (const span of items as readonly Span[]) {
    const spans = traces.get(span.traceId) ?? [];
    spans.push(span);
    traces.set(span.traceId, spans);
  }
  const first = (near as Span | undefined)?.traceId ?? "";
  const newest = [...traces.keys()].reverse().filter((id) => id !== first);
  const ids = [...(traces.has(first) ? [first] : []), ...newest].slice(0, maxTraces);
  const heading = `held: ${countedItems(items.length, itemSignals[kind])} in ${traces.size} trace${traces.size === 1 ? "" : "s"}`;
  return [
    `${heading}${ids.length < traces.size ? `, ${ids.length} of them:` : ":"}`,
    ...ids.flatMap((id) => treeLines(traces.get(id) ?? [])).map(indented),
  ];
}

function linesOf<Kind extends ItemKind>(kind: Kind, items: readonly Items[Kind][]): string[] {
  const messages = items.map((item) => fromJson(itemSchemas[kind], item as unknown as JsonValue));
  return [...itemLines({ [kind]: messages }, plainView())];
}

function indented(line: string): string {
  return `  ${line}`.trimEnd();
}
