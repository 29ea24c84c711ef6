import { celEnv, isCelError, parse, plan } from "@bufbuild/cel";
import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { invalidArgument } from "../../../../domain/errors.ts";
import { UndecidedFilter } from "../../../../domain/filter.ts";
import { ExpressionCheck, ExpressionMistake, maxDepth } from "./check-expression.ts";
import type { Expression } from "./expression-nodes.ts";
import { fieldValue } from "./item-values.ts";
import { Patterns } from "./patterns.ts";
import { Spending } from "./spending.ts";
import { nameOfType } from "./value-type.ts";

/** Bytes in UTF-8. */
const maxExpressionBytes = 4_096;
/** What the evaluation for one item may cost: some milliseconds. */
const maxUnits = 10_000;

/**
 * Makes a condition of an expression in CEL over an item as the API's JSON shows it. An item without something that
 * the expression needs does not match. The condition throws when the evaluation would take too long, and when it might
 * be true of the whole item, of which only the beginning is seen.
 * @param schema the message of such items
 * @param field of the request, for refusals
 * @throws ObsvtyError invalid-argument that names the field and says where the mistake is
 */
export function compileWhere(text: string, schema: DescMessage, field: string): (item: Message) => boolean {
  if (Buffer.byteLength(text) > maxExpressionBytes) {
    throw invalidArgument(field, `at most ${maxExpressionBytes} bytes are allowed`);
  }
  const { expr, sourceInfo } = parsed(text, field);
  const patterns = new Patterns();
  const check = new ExpressionCheck(schema, patterns);
  const spending = new Spending();
  const env = celEnv({ funcs: spending.functions, re2: patterns });
  try {
    const type = check.typeOf(expr);
    if (type.kind !== "any" && type.kind !== "bool") {
      throw new ExpressionMistake(expr.id, `must be true or false, but this is ${nameOfType(type)}`);
    }
  } catch (error) {
    if (!(error instanceof ExpressionMistake)) throw error;
    throw mistake(field, error.message, text, sourceInfo?.positions[String(error.id)] ?? 0);
  }
  const evaluate = plan(env, expr);
  const fields = schema.fields.filter(({ jsonName }) => check.fields.has(jsonName));
  const seesParts = fields.some(mayBePart);
  return (item) => {
    const values: Record<string, never> = {};
    for (const each of fields) {
      const value = fieldValue(each, item);
      if (value !== undefined) values[each.jsonName] = value as never;
    }
    spending.begin(maxUnits);
    patterns.begin();
    const result = withoutStackTraces(() => evaluate(values));
    if (spending.isOver || patterns.isOver) throw new UndecidedFilter("the expression takes too long");
    if (!isCelError(result) && result === true) return true;
    if (spending.hasSeenPart || (seesParts && (item as SizedItem).omittedBytes !== undefined)) {
      throw new UndecidedFilter("what is not seen of the item may decide");
    }
    return false;
  };
}

/** Whether of a very large item only a part of the field may be decoded: attributes, lists and what has such. */
function mayBePart({ fieldKind, message }: DescField): boolean {
  if (fieldKind === "list" || fieldKind === "map") return true;
  if (message === undefined) return false;
  return message.typeName === ValueSchema.typeName || message.fields.some(mayBePart);
}

/** All messages of items have it. */
type SizedItem = Message & { readonly omittedBytes?: number };

/** Whatever is missing becomes an error of the library, whose stack would take longer than all the rest. */
function withoutStackTraces<Result>(act: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return act();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function parsed(
  text: string,
  field: string,
): { expr: Expression; sourceInfo?: { positions: Record<string, number> } } {
  if (isTooDeep(text)) throw invalidArgument(field, "it is nested too deeply");
  try {
    return parse(text) as ReturnType<typeof parsed>;
  } catch (error) {
    const { message, location } = error as Error & {
      readonly location?: { readonly start: { readonly offset: number } };
    };
    const [, found] = /: found (.*?) but expecting /s.exec(message) ?? [];
    const what = found === undefined ? message : `unexpected ${found}`;
    throw mistake(field, what.slice(0, 64), text, location?.start.offset ?? 0);
  }
}

/** The parser calls itself for each bracket, and comes back from all of them when one is not closed. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "").matchAll(/[()[\]{}]/g)) {
    depth += "([{".includes(bracket) ? 1 : -1;
    if (depth > maxDepth) return true;
  }
  return false;
}

function mistake(field: string, message: string, text: string, offset: number) {
  // The place of an operator includes the space before it.
  const at = offset + (/^\s*/.exec(text.slice(offset))?.[0].length ?? 0);
  const before = text.slice(0, at).split("\n");
  const line = before.length > 1 ? `line ${before.length}, ` : "";
  return invalidArgument(field, `${message} at ${line}column ${(before.at(-1)?.length ?? 0) + 1}`);
}
