import type { DescMessage } from "@bufbuild/protobuf";
import { callOf, type Expression, type ExpressionOf, intOf, spendOnAll } from "./expression-nodes.ts";
import { type Patterns, PatternTooLarge, UnicodeClass } from "./patterns.ts";
import { conversions, functions, methods, ofText, type Signature } from "./signatures.ts";
import { maxNeedleLength } from "./spending.ts";
import {
  anyType,
  areComparable,
  areOrdered,
  isNumber,
  nameOfType,
  typeOfField,
  type ValueType,
} from "./value-type.ts";

/** A mistake in an expression, at a node of it. */
export class ExpressionMistake extends Error {
  readonly id: bigint;

  constructor(id: bigint, message: string) {
    super(message);
    this.id = id;
  }
}

/** Of brackets, and of the nodes of the syntax tree. */
export const maxDepth = 64;
/** Loops in loops, with the outermost one. */
const maxLoopDepth = 2;

/**
 * Checks an expression before there is an item: names, and types as far as they are known. It also puts calls of the
 * functions of `Spending` to where the time depends on the item.
 */
export class ExpressionCheck {
  readonly #item: DescMessage;
  readonly #patterns: Patterns;
  /** The fields of the item that the expression names. */
  readonly fields = new Set<string>();
  /** How many nodes there are. */
  nodes = 0;
  #depth = 0;
  #loopDepth = 0;
  #variables: ReadonlyMap<string, ValueType> = new Map();

  constructor(item: DescMessage, patterns: Patterns) {
    this.#item = item;
    this.#patterns = patterns;
  }

  /** @throws ExpressionMistake */
  typeOf(expression: Expression): ValueType {
    this.nodes += 1;
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new ExpressionMistake(expression.id, "it is nested too deeply");
    const type = this.#typeOf(expression);
    this.#depth -= 1;
    return type;
  }

  #typeOf(expression: Expression): ValueType {
    const { exprKind, id } = expression;
    switch (exprKind.case) {
      case "constExpr":
        return constantType(id, exprKind.value);
      case "identExpr":
        return this.#typeOfName(id, exprKind.value.name);
      case "selectExpr":
        return this.#typeOfMember(id, exprKind.value);
      case "callExpr":
        return this.#typeOfCall(id, exprKind.value);
      case "listExpr":
        for (const element of exprKind.value.elements) this.typeOf(element);
        return { kind: "list", element: anyType };
      case "comprehensionExpr":
        return this.#typeOfLoop(id, exprKind.value);
      default:
        throw new ExpressionMistake(id, "maps and messages cannot be made in an expression");
    }
  }

  #typeOfName(id: bigint, name: string): ValueType {
    const variable = this.#variables.get(name);
    if (variable !== undefined) return variable;
    const field = this.#item.fields.find(({ jsonName }) => jsonName === name);
    if (field === undefined || name === "cursor")
      throw new ExpressionMistake(id, `there is no ${shown(name)}`);
    this.fields.add(name);
    return typeOfField(field);
  }

  #typeOfMember(id: bigint, { operand, field, testOnly }: ExpressionOf<"selectExpr">): ValueType {
    const holder = this.typeOf(operand as Expression);
    const type = memberType(id, holder, field);
    return testOnly ? { kind: "bool" } : type;
  }

  #typeOfCall(id: bigint, call: ExpressionOf<"callExpr">): ValueType {
    const target = call.target && this.typeOf(call.target);
    const types = call.args.map((arg) => this.typeOf(arg));
    const [left = anyType, right = anyType, other = anyType] = types;
    const name = call.function;
    if (target !== undefined) return this.#typeOfMethod(id, call, target, types);
    switch (name) {
      case "_&&_":
      case "_||_":
      case "!_":
        for (const [i, type] of types.entries()) expectKind(call.args[i]?.id ?? id, type, ["bool"]);
        return { kind: "bool" };
      case "@not_strictly_false":
        return { kind: "bool" };
      case "_?_:_":
        expectKind(id, left, ["bool"]);
        return right.kind === other.kind ? right : anyType;
      case "_==_":
      case "_!=_":
        if (!areComparable(left, right)) throw notTogether(id, left, right, "cannot be equal");
        spendOnAll(call);
        return { kind: "bool" };
      case "_<_":
      case "_<=_":
      case "_>_":
      case "_>=_":
        if (!areOrdered(left, right)) throw notTogether(id, left, right, "have no order");
        spendOnAll(call);
        return { kind: "bool" };
      case "@in":
        expectKind(id, right, ["list", "map", "object"]);
        spendOnAll(call);
        return { kind: "bool" };
      case "_[_]":
        expectKind(id, left, ["list", "map", "object"]);
        return this.#typeOfIndexed(id, left, right, call.args[1]);
      case "-_":
        if (left.kind !== "any" && !isNumber(left)) throw refused(id, left, "a number");
        return left;
      case "_+_":
      case "_-_":
      case "_*_":
      case "_/_":
      case "_%_":
        spendOnAll(call);
        return arithmeticType(id, name, left, right);
    }
    const signature = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (signature === undefined) throw new ExpressionMistake(id, `there is no function ${shown(name)}`);
    expectArguments(id, name, signature, types);
    if (conversions.includes(name)) call.args = call.args.map((arg) => callOf("@number", [arg]));
    if (name === "double") call.args = call.args.map((arg) => callOf("@decimal", [arg]));
    return { kind: signature.gives };
  }

  #typeOfMethod(
    id: bigint,
    call: ExpressionOf<"callExpr">,
    target: ValueType,
    types: readonly ValueType[],
  ): ValueType {
    const name = call.function;
    const signature = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (signature === undefined) throw new ExpressionMistake(id, `there is no method ${shown(name)}`);
    expectKind(id, target, signature.on ?? []);
    expectArguments(id, name, signature, types);
    const [arg] = call.args;
    if (signature !== ofText || arg === undefined) return { kind: signature.gives };
    if (name === "matches") this.#checkPattern(arg);
    else call.args = [callOf("@needle", [arg])];
    call.target = callOf(name === "matches" ? "@pattern" : "@whole", [call.target as Expression]);
    return { kind: "bool" };
  }

  #checkPattern({ id, exprKind }: Expression): void {
    const constant = exprKind.case === "constExpr" ? exprKind.value.constantKind : undefined;
    if (constant?.case !== "stringValue")
      throw new ExpressionMistake(id, "a pattern must be a text in quotes");
    if (constant.value.length > maxNeedleLength) {
      throw new ExpressionMistake(id, `a pattern has at most ${maxNeedleLength} characters`);
    }
    try {
      this.#patterns.add(constant.value);
    } catch (error) {
      if (error instanceof PatternTooLarge) {
        throw new ExpressionMistake(id, "the patterns are too large: alternatives and repetitions add up");
      }
      if (error instanceof UnicodeClass) {
        throw new ExpressionMistake(id, "a pattern cannot have classes of Unicode such as \\p{L}");
      }
      throw new ExpressionMistake(id, "this is no pattern of RE2");
    }
  }

  #typeOfIndexed(id: bigint, holder: ValueType, key: ValueType, index: Expression | undefined): ValueType {
    if (holder.kind === "any") return anyType;
    if (holder.kind === "list") {
      if (key.kind !== "any" && !isNumber(key)) throw refused(id, key, "a number");
      return holder.element;
    }
    expectKind(id, key, ["string"]);
    const constant = index?.exprKind.case === "constExpr" ? index.exprKind.value.constantKind : undefined;
    return constant?.case === "stringValue" ? memberType(id, holder, constant.value) : anyType;
  }

  /** A macro: `all`, `exists` or `exists_one`. */
  #typeOfLoop(id: bigint, loop: ExpressionOf<"comprehensionExpr">): ValueType {
    const { iterRange, accuInit, iterVar, accuVar, loopCondition, loopStep, result } = loop;
    if (accuInit?.exprKind.case === "listExpr") {
      throw new ExpressionMistake(id, "only the macros has, all, exists and exists_one can be used");
    }
    const range = this.typeOf(iterRange as Expression);
    expectKind(id, range, ["list", "map", "object"]);
    this.#loopDepth += 1;
    if (this.#loopDepth > maxLoopDepth) {
      throw new ExpressionMistake(id, `at most ${maxLoopDepth} macros can be nested`);
    }
    const outer = this.#variables;
    const element =
      range.kind === "list" ? range.element : range.kind === "any" ? anyType : ({ kind: "string" } as const);
    this.#variables = new Map([...outer, [accuVar, anyType], [iterVar, element]]);
    const nodesBefore = this.nodes;
    for (const part of [loopCondition, loopStep, result]) this.typeOf(part as Expression);
    const units = BigInt(this.nodes - nodesBefore);
    this.#variables = outer;
    this.#loopDepth -= 1;
    loop.iterRange = callOf("@loop", [iterRange as Expression]);
    loop.loopCondition = callOf("_&&_", [callOf("@round", [intOf(units)]), loopCondition as Expression]);
    return { kind: "bool" };
  }
}

function constantType(id: bigint, { constantKind }: ExpressionOf<"constExpr">): ValueType {
  switch (constantKind.case) {
    case "boolValue":
      return { kind: "bool" };
    case "int64Value":
      return { kind: "int" };
    case "uint64Value":
      return { kind: "uint" };
    case "doubleValue":
      return { kind: "double" };
    case "stringValue":
      return { kind: "string" };
    case "nullValue":
      return { kind: "null" };
    default:
      throw new ExpressionMistake(id, "items have no bytes");
  }
}

function memberType(id: bigint, holder: ValueType, name: string): ValueType {
  if (holder.kind === "any" || holder.kind === "map") return anyType;
  if (holder.kind !== "object")
    throw new ExpressionMistake(id, `${nameOfType(holder)} has no ${shown(name)}`);
  const field = holder.message.fields.find(({ jsonName }) => jsonName === name);
  if (field === undefined) throw new ExpressionMistake(id, `there is no ${shown(name)}`);
  return typeOfField(field);
}

function arithmeticType(id: bigint, operator: string, left: ValueType, right: ValueType): ValueType {
  if (left.kind === "any" || right.kind === "any") return anyType;
  const isSum = operator === "_+_" || operator === "_-_";
  const { kind } = left;
  if (isNumber(left) && kind === right.kind) return left;
  if (operator === "_+_" && kind === "string" && right.kind === "string") return left;
  if (isSum && right.kind === "duration" && (kind === "duration" || kind === "timestamp")) return left;
  if (operator === "_+_" && kind === "duration" && right.kind === "timestamp") return right;
  if (operator === "_-_" && kind === "timestamp" && right.kind === "timestamp") return { kind: "duration" };
  throw notTogether(id, left, right, "cannot be calculated with");
}

function expectArguments(id: bigint, name: string, { takes }: Signature, types: readonly ValueType[]): void {
  if (types.length !== takes.length) {
    throw new ExpressionMistake(id, `${name} takes ${takes.length} argument${takes.length === 1 ? "" : "s"}`);
  }
  for (const [i, kinds] of takes.entries()) expectKind(id, types[i] ?? anyType, kinds);
}

function expectKind(id: bigint, type: ValueType, kinds: readonly string[]): void {
  if (type.kind !== "any" && !kinds.includes(type.kind)) throw refused(id, type, kinds.join(" or "));
}

function refused(id: bigint, is: ValueType, expected: string): ExpressionMistake {
  return new ExpressionMistake(id, `expected ${expected}, but this is ${nameOfType(is)}`);
}

function notTogether(id: bigint, left: ValueType, right: ValueType, what: string): ExpressionMistake {
  return new ExpressionMistake(id, `${nameOfType(left)} and ${nameOfType(right)} ${what}`);
}

/** An error goes out in a header. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
