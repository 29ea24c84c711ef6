import { typedTime, type Zone } from "../format/time.ts";
import {
  attributeField,
  canExclude,
  type FilterField,
  filterFields,
  isAttribute,
  type Kind,
} from "./filter-fields.ts";
import { type Condition, problemOf } from "./filters.ts";
import {
  type Comparison,
  celOf,
  comparisonOf,
  isCelField,
  isCompound,
  quoted,
  unquoted,
} from "./typed-text.ts";

/*
 * What is typed into the field of a filter: `service: shop`, `-cart.id: c3` for what is to be excluded, an expression, or
 * just a text. What is usual elsewhere is understood too (`typed-text.ts`).
 */

export interface Draft {
  readonly excluded: boolean;
  /** Absent while no field is chosen. */
  readonly field?: FilterField;
  /** Of the field, or the beginning of its name, or a text. */
  readonly text: string;
  /** Other values that may be meant. */
  readonly others?: readonly string[];
}

export function readDraft(kind: Kind, typed: string): Draft {
  // TraceQL has its conditions in braces, and Lucene's sign is a word.
  const bare = typed.replace(/^\s*\{(.*)\}\s*$/s, "$1");
  const [, sign = "", rest = ""] = /^\s*([-!]|NOT\s|)\s*(.*)$/s.exec(bare) ?? [];
  const [, bound, limit] = /^duration\s*:?\s*(>=?|<=?)(?!\s*duration\()\s*(.*)$/.exec(rest) ?? [];
  const durationField = bound && fieldWith(kind, bound.startsWith(">") ? "min" : "max");
  const excluded = sign !== "";
  if (durationField) return { excluded, field: durationField, text: unquoted(limit ?? "") };
  for (const field of filterFields) {
    const found = field.of.includes(kind) ? valueAfter(rest, field) : undefined;
    if (found !== undefined) return { field, excluded: excluded !== found.excluded, text: found.text };
  }
  const compared = comparisonOf(rest);
  const where = fieldWith(kind, "where");
  const isUnlike = compared?.operator === "!~";
  const expressions =
    compared === undefined ? [] : expressionsOf(isUnlike ? { ...compared, operator: "=~" } : compared);
  const written = expressions[0] === undefined && compared === undefined && isExpression(rest);
  if (where !== undefined && written && sign === "!") {
    return { excluded: false, field: where, text: bare.trim() };
  }
  const [first, ...others] = written ? [rest.trim()] : expressions;
  if (where !== undefined && first !== undefined) {
    const isOut = excluded !== isUnlike;
    if (!isOut || canExclude(kind, where)) return { excluded: isOut, field: where, text: first, others };
    const not = (expression: string) => `!(${expression})`;
    return { excluded: false, field: where, text: not(first), others: others.map(not) };
  }
  if (compared === undefined || /[<>~]/.test(compared.operator)) return { excluded, text: unquoted(rest) };
  const { key, operator, value } = compared;
  return {
    field: attributeField(key),
    excluded: excluded !== isNot(operator),
    text: unquoted(value),
  };
}

/** A comparison as expressions, the likely one first: of an attribute of the item, or of its resource. */
function expressionsOf(compared: Comparison): readonly string[] {
  const holders = isCelField(compared.key) ? [""] : ["attributes", "resource"];
  return holders.flatMap((holder) => celOf(compared, holder) ?? []);
}

function fieldWith(kind: Kind, param: string): FilterField | undefined {
  return filterFields.find((field) => field.param === param && field.of.includes(kind));
}

function valueAfter(text: string, { param, label, also = [] }: FilterField) {
  const lower = text.toLowerCase();
  for (const name of [label, ...also]) {
    if (!lower.startsWith(name)) continue;
    const after = text.slice(name.length);
    // An expression is taken as it is.
    if (param === "where")
      return /^\s*:/.test(after) ? { excluded: false, text: after.replace(/^\s*:/, "").trim() } : undefined;
    const isOrder = param === "severity" && /^\s*:?\s*>=/.test(after);
    const form = isOrder ? /^\s*(:?\s*>=)(.*)$/s : /^\s*(:(?!\s*[<>~=!])|!=|≠|==?(?!~))\s*(.*)$/s;
    const [, operator, value = ""] = form.exec(after) ?? [];
    if (operator !== undefined && !isCompound(value))
      return { excluded: isNot(operator), text: unquoted(value) };
  }
  return undefined;
}

function isNot(operator: string | undefined): boolean {
  return operator === "!=" || operator === "≠";
}

/** Whether a text can only be meant as an expression in CEL. */
function isExpression(text: string): boolean {
  return /^[\w.]+\[["']|[=!]=\s*["'[]|==|&&|\|\||[<>]=?\s*["'\d(a-z]|^\w+\(|\.\w+\(/.test(text);
}

/** A condition as it was typed. */
export function conditionText({ field, value, excluded }: Condition): string {
  const name = isAttribute(field) && !isPlainKey(field.label) ? JSON.stringify(field.label) : field.label;
  return `${excluded ? "-" : ""}${name}: ${field.param === "where" ? value : quoted(value)}`;
}

/** Whether a key that is typed without quotes is read as this attribute, and as nothing else. */
function isPlainKey(key: string): boolean {
  const isField = filterFields.some(({ label, also = [] }) => [label, ...also].includes(key.toLowerCase()));
  return !isField && comparisonOf(`${key}: x`)?.key === key;
}

/** The condition that a draft tells, with a time as the API takes it. @returns undefined while it tells none */
export function conditionOf(draft: Draft, kind: Kind, zone: Zone): Condition | undefined {
  const { excluded, text } = draft;
  const field = draft.field ?? fieldWith(kind, "text_contains");
  if (field === undefined || text === "" || (excluded && !canExclude(kind, field))) return undefined;
  const isTime = field.param === "since" || field.param === "until";
  const isWord = field.values?.includes(text.toLowerCase());
  const value = isTime ? (typedTime(text, zone) ?? text) : isWord ? text.toLowerCase() : text;
  return { field, value, excluded };
}

/** One line of the completion. */
export interface Suggestion {
  readonly key: string;
  /** What the field has when it is chosen, where a value is still to come. */
  readonly draft?: string;
  /** What is added when it is chosen. */
  readonly conditions?: readonly Condition[];
  readonly label: string;
  readonly hint: string;
}

/** What the server knows for completion. Keys and values are those of attributes. */
export interface Known {
  readonly services: readonly string[];
  readonly names: readonly string[];
  readonly attributes: readonly { readonly key: string; readonly values: readonly string[] }[];
}

const maxSuggestions = 12;

/** The lines of the completion, the best first: Enter takes the first one. */
export function suggestionsFor(kind: Kind, draft: Draft, known: Known, zone: Zone): readonly Suggestion[] {
  const lines =
    draft.field === undefined ? forAny(kind, draft, known, zone) : forValue(kind, draft, known, zone);
  const seen = new Set<string>();
  return lines.filter(({ key }) => !seen.has(key) && seen.add(key)).slice(0, maxSuggestions);
}

function forValue(kind: Kind, draft: Draft, known: Known, zone: Zone): readonly Suggestion[] {
  const { field, excluded, text } = draft;
  if (field === undefined) return [];
  if (excluded && !canExclude(kind, field)) return [notExcluded(field.label, `${field.label}: ${text}`)];
  const values = field.values ?? valuesOf(field, known);
  const matching = matches(values, text).map((value) => conditionLine({ field, value, excluded }));
  const typed = conditionOf(draft, kind, zone);
  if (field.values !== undefined || typed === undefined) return matching;
  const others = (draft.others ?? []).map((value) =>
    conditionLine({ field, value, excluded }, "of the resource, such as a process or a host"),
  );
  return [conditionLine(typed, problemOf(typed)), ...others, ...matching];
}

function valuesOf(field: FilterField, { services, names, attributes }: Known): readonly string[] {
  if (field.param === "service") return services;
  if (field.param === "name") return names;
  return attributes.find(({ key }) => attributeField(key).param === field.param)?.values ?? [];
}

function forAny(kind: Kind, draft: Draft, known: Known, zone: Zone): readonly Suggestion[] {
  const { text, excluded } = draft;
  const fields = filterFields.filter(
    (field) => field.of.includes(kind) && (!excluded || canExclude(kind, field)),
  );
  const fieldLines = (all: readonly FilterField[]) =>
    all.map((field) => ({
      key: field.param,
      draft: `${excluded ? "-" : ""}${field.label}: `,
      label: `${excluded ? "-" : ""}${field.label}:`,
      hint: field.hint,
    }));
  const keys = known.attributes.map(({ key }) => attributeField(key));
  if (text === "") return [...fieldLines(fields), ...fieldLines(keys)];
  const lower = text.toLowerCase();
  const values = fields.flatMap((field) =>
    matches(field.values ?? valuesOf(field, known), text).map((value) => ({ field, value, excluded })),
  );
  const isWhole = ({ value }: Condition) => value.toLowerCase() === lower;
  const begins = ({ label }: FilterField) => label.toLowerCase().startsWith(lower);
  const has = ({ label }: FilterField) => label.toLowerCase().includes(lower);
  const typed = conditionOf(draft, kind, zone);
  const ids = fields.filter(({ alone }) => alone?.test(text));
  return [
    ...ids.map((field) => conditionLine({ field, value: text, excluded }, field.hint)),
    ...values.filter(isWhole).map((condition) => conditionLine(condition)),
    ...fieldLines([...fields, ...keys].filter(begins)).slice(0, 5),
    ...(typed === undefined ? [] : [conditionLine(typed, "anywhere in names, texts and attributes")]),
    ...values.map((condition) => conditionLine(condition)),
    ...fieldLines([...fields, ...keys].filter(has)),
    ...(typed === undefined ? [notExcluded("a text anywhere", text)] : []),
  ];
}

/** In place of a condition that the API cannot express. @param included what is in the field when it is chosen */
function notExcluded(what: string, included: string): Suggestion {
  return { key: "not excluded", draft: included, label: included, hint: `${what} cannot be excluded` };
}

function conditionLine(condition: Condition, hint = ""): Suggestion {
  const label = conditionText(condition);
  return { key: `${condition.field.param} ${condition.value}`, conditions: [condition], label, hint };
}

/** Those that have the text, whatever its case; those that begin with it first. */
function matches(values: readonly string[], text: string): readonly string[] {
  const lower = text.toLowerCase();
  const found = values.filter((value) => value !== "" && value.toLowerCase().includes(lower));
  const begins = (value: string) => value.toLowerCase().startsWith(lower);
  return [...found.filter(begins), ...found.filter((value) => !begins(value))];
}
