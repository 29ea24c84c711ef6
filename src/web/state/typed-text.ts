/*
 * What a person types beside the page's own form of a filter: values in quotes, and what is usual in Lucene, TraceQL and
 * PromQL.
 */

/** A value as it is meant: without the quotes around it. `\"` is a quote that stays. */
export function unquoted(typed: string): string {
  const text = typed.trim();
  const [, quote = "", inside = ""] = /^(["'])((?:\\.|(?!\1)[^\\])*)\1?$/s.exec(text) ?? [];
  return quote === "" ? text.replace(/\\(["'])/g, "$1") : inside.replace(/\\(["'\\])/g, "$1");
}

/** The text that `unquoted` reads as the value. */
export function quoted(value: string): string {
  const isPlain = unquoted(value) === value && !/^[<>=~!]/.test(value);
  return isPlain ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** Several conditions in one text are left to the server. */
export function isCompound(text: string): boolean {
  return /&&|\|\|/.test(text);
}

/** Fields of items that have fields of their own, and those that are compared in CEL as they are. */
const celHolders = /^(?:attributes|resource|scope|status|events|links)(?:$|[.[])/;
const celFields =
  /^(?:name|kind|service|traceId|spanId|parentSpanId|traceState|flags|startTime|endTime|duration|body|severity|severityText|eventName|time|observedTime|dropped\w+Count)$/;

/** A key, an operator and a value. */
export interface Comparison {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
}

/** @returns undefined for what is none, or has several, or is an expression in CEL already */
export function comparisonOf(text: string): Comparison | undefined {
  if (isCompound(text)) return undefined;
  const form = /^("(?:\\.|[^"\\])+"|[^\s:=!≠<>~"'()[\]]+)\s*(:?\s*(?:>=|<=|=~|!~|==|!=|[<>~=≠])|:)\s*(.*)$/s;
  const [, key, operator = "", value = ""] = form.exec(text) ?? [];
  if (key === undefined) return undefined;
  const sign = operator.replace(/^:\s*(?=.)/, "");
  const isCel = (celHolders.test(key) || celFields.test(key)) && /^(?:==|!=|<=?|>=?)$/.test(sign);
  return isCel
    ? undefined
    : { key: key.startsWith('"') ? unquoted(key) : withoutScope(key), operator: sign, value };
}

/** TraceQL writes before a key what has the attribute. */
function withoutScope(key: string): string {
  return key.replace(/^(?:\.|resource\.|span\.(?!kind$))/, "");
}

/**
 * An order or a pattern in CEL.
 * @param holder what has the attribute; "" for a field of the item
 * @returns undefined for other operators
 */
export function celOf({ key, operator, value }: Comparison, holder: string): string | undefined {
  const left = holder === "" ? key : `${holder}[${JSON.stringify(key)}]`;
  const text = unquoted(value);
  if (text === "") return undefined;
  if (operator === "~" || operator === "=~") return `${left}.matches(${JSON.stringify(text)})`;
  if (!/^[<>]=?$/.test(operator)) return undefined;
  return `${left} ${operator} ${/^-?\d{1,15}(?:\.\d+)?$/.test(text) ? text : JSON.stringify(text)}`;
}

/** Whether a key is that of a field of items, which has no other name in CEL. */
export function isCelField(key: string): boolean {
  return celFields.test(key);
}
