import type { Zone } from "../format/time.ts";
import { countOf } from "../format/value.ts";
import { conditionOf, conditionText, readDraft, type Suggestion } from "./filter-draft.ts";
import type { Kind } from "./filter-fields.ts";
import { type Condition, problemOf } from "./filters.ts";

/*
 * Several conditions in one text, as people paste them: `service=cart status=error`, or with AND, && or commas between. A
 * text is taken for several only where each part of it is a condition, since a value may have spaces too.
 */

/** A longer text is not taken for several conditions. */
const mostLength = 4_096;

const quotes = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/.source;
const key = `(?:${quotes}|[\\p{L}_@.][\\p{L}\\d_.@/-]*)`;
const operator = "(?::?\\s*(?:>=|<=|=~|!~|==|!=|[<>~=≠])|:)";
const sign = "(?:[-!]|NOT\\s+)?";
/** A condition whose value has no space, or is in quotes; a comma behind it is none of it. */
const condition = new RegExp(
  `\\s*(${sign}${key}\\s*${operator}\\s*(?:${quotes}|[^\\s"',][^\\s"']*?))(?:\\s*,(?=\\s)|(?=,\\s*["'\\p{L}])|(?=\\s)|$)`,
  "uy",
);
const begins = new RegExp(`^\\s*${sign}${key}\\s*${operator}`, "u");
const joint = new RegExp(`(${quotes})|(?<!\\s)\\s+(AND|OR)\\s+|(?<!\\s)\\s*(&&|\\|\\|)\\s*`, "gu");

/** The conditions of a text that has several, or why it cannot be read. */
export interface TypedList {
  readonly conditions: readonly Condition[];
  readonly problem?: string;
}

/** @returns undefined for a text that is one condition, or an expression */
export function readList(kind: Kind, typed: string, zone: Zone): TypedList | undefined {
  if (typed.length > mostLength) return undefined;
  const inBraces = /^\s*\{(.*)\}\s*$/s.exec(typed)?.[1];
  const parts = partsOf(inBraces ?? typed, inBraces !== undefined);
  if (parts === undefined) return undefined;
  const conditions: Condition[] = [];
  for (const part of parts.texts) {
    const draft = readDraft(kind, part);
    const found = conditionOf(draft, kind, zone);
    if (found === undefined) {
      const why = draft.text === "" ? "has no value" : "cannot be excluded";
      return { conditions: [], problem: `“${part}” ${why}` };
    }
    conditions.push(found);
  }
  if (parts.isAny && !isOneField(conditions)) {
    const problem = "alternatives of several fields: write it as an expression, where: a == 1 || b == 2";
    return { conditions: [], problem };
  }
  if (parts.isAll && hasAlternatives(conditions)) {
    return {
      conditions: [],
      problem: "values of one field are alternatives: an AND of them is an expression, where: a && b",
    };
  }
  const wrong = conditions.map(problemOf).find((problem) => problem !== undefined);
  return wrong === undefined ? { conditions } : { conditions: [], problem: wrong };
}

/** Only values of one field are alternatives. */
function isOneField(conditions: readonly Condition[]): boolean {
  return conditions.every(({ field, excluded }) => {
    return field.param === conditions[0]?.field.param && !field.one && field.param !== "where" && !excluded;
  });
}

/** Whether several values of one field stand in a list, which mean one of them. */
function hasAlternatives(conditions: readonly Condition[]): boolean {
  const alternatives = conditions.filter(({ field, excluded }) => {
    return !field.one && field.param !== "where" && !excluded;
  });
  return new Set(alternatives.map(({ field }) => field.param)).size < alternatives.length;
}

/** The line of the completion for several conditions, which stands before those for one. */
export function listLine(kind: Kind, typed: string, zone: Zone): Suggestion | undefined {
  const list = readList(kind, typed, zone);
  if (list === undefined) return undefined;
  const { conditions, problem } = list;
  if (problem !== undefined)
    return { key: "several", draft: typed, label: typed.trim(), hint: `✗ ${problem}` };
  const label = conditions.map(conditionText).join(" · ");
  return { key: "several", conditions, label, hint: countOf(conditions.length, "condition") };
}

interface Parts {
  readonly texts: readonly string[];
  /** One of them is enough. */
  readonly isAny: boolean;
  /** They are said to be wanted together. */
  readonly isAll: boolean;
}

function partsOf(text: string, isTraceQl: boolean): Parts | undefined {
  const segments: string[] = [];
  const joints = new Set<string>();
  let at = 0;
  for (const match of text.matchAll(joint)) {
    const [whole, quoted, word = match[3]] = match;
    if (quoted !== undefined || word === undefined) continue;
    segments.push(text.slice(at, match.index));
    joints.add(word);
    at = match.index + whole.length;
  }
  segments.push(text.slice(at));
  if (/^\s*-?where\s*:/i.test(text) || !segments.every((segment) => begins.test(segment))) return undefined;
  const hasSigns = joints.has("&&") || joints.has("||");
  // CEL has these signs too, and no single `=`.
  if (hasSigns && !isTraceQl && !segments.some((segment) => /^[^"'=!<>~]*(?::|=(?![=~]))/.test(segment)))
    return undefined;
  const texts = segments.flatMap((segment) => sequence(segment) ?? [segment.trim()]);
  const isAny = joints.has("OR") || joints.has("||");
  const isAll = joints.has("AND") || joints.has("&&");
  return texts.length < 2 ? undefined : { texts, isAny, isAll };
}

/** The conditions of a text that has nothing else. */
function sequence(text: string): readonly string[] | undefined {
  const found: string[] = [];
  condition.lastIndex = 0;
  while (condition.lastIndex < text.trimEnd().length) {
    const one = condition.exec(text)?.[1];
    if (one === undefined) return undefined;
    found.push(one);
    if (text[condition.lastIndex] === ",") condition.lastIndex++;
  }
  return found;
}
