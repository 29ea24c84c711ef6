import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { LogFilterJson, SpanFilterJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { maxWithout } from "../../domain/filter.ts";
import {
  attributeField,
  attributePrefix,
  canExclude,
  type FilterField,
  filterFields,
  type Kind,
} from "./filter-fields.ts";
import { joinValues, splitValues } from "./route.ts";

type Params = Readonly<Record<string, string>>;

/** A parameter of the address whose name begins with this excludes what has its values. */
const notPrefix = "not.";

/** One value of one field of a filter: a chip. */
export interface Condition {
  readonly field: FilterField;
  readonly value: string;
  readonly excluded: boolean;
}

/** The conditions that an address tells, in its order. Several values of one field mean: one of them. */
export function conditionsOf(kind: Kind, params: Params): readonly Condition[] {
  return Object.entries(params).flatMap(([name, values]) => {
    const excluded = name.startsWith(notPrefix);
    const field = fieldOf(kind, excluded ? name.slice(notPrefix.length) : name);
    if (field === undefined || (excluded && !canExclude(kind, field))) return [];
    return splitValues(values).map((value) => ({ field, value, excluded }));
  });
}

/** @param param without the prefix that excludes */
function fieldOf(kind: Kind, param: string): FilterField | undefined {
  if (param.startsWith(attributePrefix)) return attributeField(param.slice(attributePrefix.length));
  return filterFields.find((field) => field.param === param && field.of.includes(kind));
}

/** What is wrong with the value; such a condition is left out of the filter. */
export function problemOf({ field, value }: Condition): string | undefined {
  return field.own !== undefined && field.own(value) === undefined ? field.form : undefined;
}

/** The changes of parameters that add a condition. The opposite condition goes. */
export function adding(params: Params, { field, value, excluded }: Condition): Record<string, string> {
  const name = paramOf(field, excluded);
  const opposite = paramOf(field, !excluded);
  const others =
    field.one && !excluded ? [] : splitValues(params[name] ?? "").filter((other) => other !== value);
  return {
    [name]: joinValues([...others, value]),
    [opposite]: joinValues(splitValues(params[opposite] ?? "").filter((other) => other !== value)),
  };
}

/** The changes of parameters that add several conditions. */
export function addingAll(params: Params, conditions: readonly Condition[]): Record<string, string> {
  let changes: Record<string, string> = {};
  for (const condition of conditions) {
    changes = { ...changes, ...adding({ ...params, ...changes }, condition) };
  }
  return changes;
}

/** The changes of parameters that take a condition away. */
export function removing(params: Params, { field, value, excluded }: Condition): Record<string, string> {
  const name = paramOf(field, excluded);
  return { [name]: joinValues(splitValues(params[name] ?? "").filter((other) => other !== value)) };
}

/** The changes of parameters that take all conditions away. */
export function clearing(conditions: readonly Condition[]): Record<string, string> {
  return Object.fromEntries(conditions.map(({ field, excluded }) => [paramOf(field, excluded), ""]));
}

function paramOf({ param }: FilterField, excluded: boolean): string {
  return excluded ? notPrefix + param : param;
}

/** Which traces are listed, as SearchTraces takes it. */
export interface TraceFilter {
  /** Of spans that a trace must have. */
  readonly filter: SpanFilterJson;
  /** Each of spans that it must not have. Absent when there is none. */
  readonly without?: SpanFilterJson[];
}

/** A condition that cannot be understood is left out; `problemOf` tells the person. */
export function traceFilter(params: Params): TraceFilter {
  const conditions = conditionsOf("spans", params);
  const filter = filterOf(conditions.filter(({ excluded }) => !excluded));
  const without = conditions
    .filter((one) => one.excluded && problemOf(one) === undefined)
    .map(({ field, value }) => (field.own?.(value) ?? { where: field.cel?.([value]) }) as SpanFilterJson);
  return without.length === 0 ? { filter } : { filter, without };
}

/** Why a filter of traces is not sent: the server would refuse it. Undefined when it is. */
export function tooManyExcluded({ without = [] }: TraceFilter): string | undefined {
  const tooMany = without.length - maxWithout;
  return tooMany > 0
    ? `At most ${maxWithout} conditions can exclude traces, and these are ${without.length}: remove ${tooMany}.`
    : undefined;
}

/** As `traceFilter`. */
export function logFilter(params: Params): LogFilterJson {
  return filterOf(conditionsOf("logs", params));
}

/** What the API takes: its own fields where they can say it, and an expression for the rest. */
function filterOf(conditions: readonly Condition[]): JsonObject {
  const filter: JsonObject = {};
  const expressions: string[] = [];
  const byKey: [string, JsonValue][] = [];
  for (const { field, excluded, values } of grouped(
    conditions.filter((one) => problemOf(one) === undefined),
  )) {
    const [value = ""] = values;
    if (field.param === "where") continue;
    if (field.own === undefined || excluded || values.length > 1) {
      const expression = field.cel?.(values);
      if (expression !== undefined) expressions.push(excluded ? `!(${expression})` : expression);
      continue;
    }
    const { attributes, ...own } = field.own(value) as JsonObject;
    Object.assign(filter, own);
    byKey.push(...Object.entries((attributes ?? {}) as JsonObject));
  }
  // At once: a link may have thousands.
  if (byKey.length > 0) filter.attributes = Object.fromEntries(byKey);
  const all = [...whereParts(conditions), ...expressions];
  if (all.length > 0) filter.where = joined(all);
  return filter;
}

/** The expressions that the person wrote. */
export function whereParts(conditions: readonly Condition[]): readonly string[] {
  return conditions.filter(({ field }) => field.param === "where").map(({ value }) => value);
}

const between = " && ";

function joined(expressions: readonly string[]): string {
  const [only = "", ...others] = expressions;
  return others.length === 0 ? only : expressions.map((expression) => `(${expression})`).join(between);
}

interface ValuesOfField {
  readonly field: FilterField;
  readonly excluded: boolean;
  readonly values: string[];
}

function grouped(conditions: readonly Condition[]): readonly ValuesOfField[] {
  const groups = new Map<string, ValuesOfField>();
  for (const { field, value, excluded } of conditions) {
    const name = paramOf(field, excluded);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { field, excluded, values: [value] });
    else group.values.push(value);
  }
  return [...groups.values()];
}

/** The server's refusal of an expression. */
export interface WhereRefusal {
  /** The expression, as it was written. */
  readonly value: string;
  readonly reason: string;
  /** The place in it, from 1 on. */
  readonly column: number;
}

/** @param message how the server refused the expression alone; undefined is answered for a refusal of another kind */
export function whereRefusal(value: string, message: string): WhereRefusal | undefined {
  const [, reason, column] = /^filter\.where: (.*) at column (\d+)$/s.exec(message) ?? [];
  return reason === undefined ? undefined : { value, reason, column: Number(column) };
}

/** Whether a filter has any condition. */
export function isFiltered(filter: object): boolean {
  return Object.keys(filter).length > 0;
}
