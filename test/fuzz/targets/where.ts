import assert from "node:assert/strict";
import { celEnv, isCelError, parse, plan } from "@bufbuild/cel";
import { SpanSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { toSpan } from "../../../src/adapters/inbound/query-api/to-proto.ts";
import { compileWhere } from "../../../src/adapters/inbound/query-api/where/compile-where.ts";
import { fieldValue } from "../../../src/adapters/inbound/query-api/where/item-values.ts";
import { ObsvtyError } from "../../../src/domain/errors.ts";
import { type SpanFilter, UndecidedFilter } from "../../../src/domain/filter.ts";
import { parseTraceId } from "../../../src/domain/ids.ts";
import type { Attributes, Span } from "../../../src/domain/telemetry.ts";
import { planOf } from "../../../src/use-cases/filter/item-plan.ts";
import { createRandom, type Random } from "../../support/random.ts";
import type { FuzzTarget } from "../fuzz-target.ts";

/**
 * Expressions of `where` on random spans. They are refused with their place, or tell of a span what the library tells
 * that knows no bounds and no types, or that they cannot tell; where a plain filter asks for the same, they agree with it.
 */
export function openTarget(): FuzzTarget {
  return {
    make(random) {
      const seed = random.below(2 ** 31);
      const given = random.below(4) === 0 ? equivalentOf(random, spanOf(createRandom(seed))) : {};
      return Buffer.from(JSON.stringify({ seed, expression: expressionOf(random, "bool", 4), ...given }));
    },
    check(input) {
      const { seed, expression, filter } = JSON.parse(Buffer.from(input).toString()) as Input;
      const span = spanOf(createRandom(seed));
      const { told, why = "" } = verdictOf(expression, span);
      if (filter !== undefined) {
        const { traceId, attributes, ...rest } = filter;
        const plain: SpanFilter = {
          ...rest,
          ...(traceId !== undefined && { traceId: parseTraceId(traceId, "trace_id") }),
          ...(attributes !== undefined && { attributes: new Map(attributes) }),
        };
        assert.equal(told, String(planOf("spans", plain).matches?.(span)));
        return `${told} as the filter`;
      }
      const expected = unboundedVerdictOf(expression, span);
      if (told === "refused") {
        // A mistake in a part that is not evaluated is none to the library.
        const isMistake = /there is no|expected|have no order|cannot be calculated/.test(why);
        const evaluatesAll = !/&&|\|\||\?|!|\(e,/.test(expression);
        if (isMistake && evaluatesAll) assert.notEqual(expected, "true", `${expression}: ${why}`);
      } else if (told !== "undecided" && !expression.includes("double(")) {
        // The library makes NaN of a text that is no number.
        assert.equal(told, expected, expression);
      }
      return told;
    },
    verdicts: ["refused", "true", "false", "undecided", "true as the filter", "false as the filter"],
  };
}

interface Input {
  readonly seed: number;
  readonly expression: string;
  /** A filter that means the same. */
  readonly filter?: PlainFilter;
}

type PlainFilter = Omit<SpanFilter, "attributes" | "traceId" | "where"> & {
  readonly traceId?: string;
  readonly attributes?: readonly (readonly [string, string])[];
};

function verdictOf(expression: string, span: Span): { readonly told: string; readonly why?: string } {
  let condition: ReturnType<typeof compileWhere>;
  try {
    condition = compileWhere(expression, SpanSchema, "where");
  } catch (error) {
    assert.ok(error instanceof ObsvtyError, String(error));
    assert.equal(error.code, "invalid-argument");
    assert.match(error.message, /^where: .{1,200}$/);
    return { told: "refused", why: error.message };
  }
  try {
    return { told: String(condition(toSpan(span, ""))) };
  } catch (error) {
    assert.ok(error instanceof UndecidedFilter, String(error));
    return { told: "undecided" };
  }
}

/** What the library makes of the expression, when only the parser refuses something. */
function unboundedVerdictOf(expression: string, span: Span): string {
  let evaluate: ReturnType<typeof plan>;
  try {
    evaluate = plan(celEnv(), parse(expression).expr as Parameters<typeof plan>[1]);
  } catch {
    return "refused";
  }
  const message = toSpan(span, "");
  const values: Record<string, never> = {};
  for (const field of SpanSchema.fields) {
    const value = fieldValue(field, message);
    if (value !== undefined) values[field.jsonName] = value as never;
  }
  const result = evaluate(values);
  return String(!isCelError(result) && result === true);
}

const texts = ["", "GET /cart", "get", "exception", "é€😀", "a".repeat(300), "1.5", "-7"] as const;
const keys = ["a", "http.method", "list", "deep", "n", ""] as const;
const traceIds = ["ab".repeat(16), "01".repeat(16)] as const;

function spanOf(random: Random): Span {
  const text = () => (random.below(12) === 0 ? "x".repeat(17_000) : random.pick(texts));
  const attributes = (count: number): Attributes =>
    Object.fromEntries(Array.from({ length: count }, () => [random.pick(keys), valueIn(3)]));
  const valueIn = (depth: number): Attributes[string] => {
    switch (random.below(depth > 0 ? 7 : 5)) {
      case 0:
        return random.below(1_000) - 500;
      case 1:
        return random.below(1_000) / 8;
      case 2:
        return random.below(2) === 0;
      case 3:
        return null;
      case 5:
        return Array.from({ length: random.below(4) }, () => valueIn(depth - 1));
      case 6:
        return { [random.pick(keys)]: valueIn(depth - 1) };
      default:
        return text();
    }
  };
  const start = 1_700_000_000_000_000_000n + BigInt(random.below(1_000_000_000));
  return {
    ordinal: 1,
    service: random.pick(["shop", ""]),
    resource: attributes(random.below(3)),
    resourceDetails: { schemaUrl: "", droppedAttributesCount: 0, entityRefs: [] },
    scope: { name: text(), version: "1", attributes: {}, droppedAttributesCount: 0, schemaUrl: "" },
    omittedBytes: random.below(10) === 0 ? 5 : 0,
    flags: random.below(3),
    droppedAttributesCount: 0,
    traceId: random.pick(traceIds),
    spanId: "01".repeat(8),
    parentSpanId: random.pick(["", "02".repeat(8)]),
    traceState: "",
    name: text(),
    kind: random.below(7),
    startUnixNano: random.below(8) === 0 ? 0n : start,
    endUnixNano: start + BigInt(random.below(3_000_000)),
    attributes: attributes(random.below(6)),
    events: Array.from({ length: random.below(4) }, () => ({
      timeUnixNano: start,
      name: text(),
      attributes: attributes(random.below(2)),
      droppedAttributesCount: 0,
    })),
    links: [],
    status: { code: random.below(3), message: text() },
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  } as Span;
}

type Kind = "bool" | "int" | "double" | "string" | "list" | "any";

const quoted = (text: string) => JSON.stringify(text);

/** An expression of the grammar, of this type as a rule. */
function expressionOf(random: Random, kind: Kind, depth: number): string {
  const any = ["bool", "int", "double", "string", "list", "any"] as const;
  // A wrong type now and then.
  const wanted = random.below(25) === 0 ? random.pick(any) : kind;
  const of = (other: Kind): string => expressionOf(random, other, depth - 1);
  if (depth <= 0) return leafOf(random, wanted);
  switch (wanted) {
    case "bool": {
      const type = random.pick(["int", "double", "string", "any"] as const);
      return random.pick([
        (): string => `${of(type)} ${random.pick(["==", "!=", "<", "<=", ">", ">="])} ${of(type)}`,
        (): string => `(${of("bool")}) ${random.pick(["&&", "||"])} (${of("bool")})`,
        (): string => `!(${of("bool")})`,
        (): string => `(${of("bool")} ? ${of("bool")} : ${of("bool")})`,
        (): string =>
          `${leafOf(random, "string")}.${random.pick(["contains", "startsWith", "endsWith"])}(${of("string")})`,
        (): string => `${leafOf(random, "string")}.matches(${random.pick(patterns)})`,
        (): string =>
          `${random.pick(["attributes", "resource"])}.${random.pick(["exists", "all", "exists_one"])}(e, ${random.pick([`e == ${of("string")}`, "size(e) > 1", `attributes[e] == ${of("any")}`, "events.exists(g, g.name == e)"])})`,
        (): string => `events.${random.pick(["exists", "all", "exists_one"])}(e, e.name == ${of("string")})`,
        (): string => `${of("any")} in ${of("list")}`,
        (): string => `has(attributes.${random.pick(["a", "deep", "n.a"])})`,
        (): string => "bool(name)",
      ])();
    }
    case "int":
      return random.pick([
        (): string => `(${of("int")} ${random.pick(["+", "-", "*", "/", "%"])} ${of("int")})`,
        (): string => `size(${random.pick([of("string"), "attributes", "events", of("list")])})`,
        (): string => `int(${of(random.pick(["string", "double"]))})`,
        (): string => `startTime.${random.pick(["getFullYear", "getHours", "getDayOfYear"])}()`,
        (): string => `-${leafOf(random, "int")}`,
      ])();
    case "double":
      return `(${of("double")} ${random.pick(["+", "-", "*", "/"])} double(${of("int")}))`;
    case "string":
      return random.pick([
        (): string => `(${of("string")} + ${of("string")})`,
        (): string => `string(${of("int")})`,
      ])();
    case "list":
      return random.pick([
        (): string => `[${of("any")}, ${of("any")}]`,
        (): string => "attributes",
        (): string => "attributes.list",
      ])();
    case "any":
      return random.pick([(): string => of(random.pick(any)), (): string => `${leafOf(random, "any")}.a`])();
  }
}

const patterns = [
  '"^GET"',
  '"(?i)get|EXC"',
  '"a{10,200}"',
  '"(x|a)*b$"',
  '"(.{0,100}){4}$"',
  '"(.{0,100}){12}$"',
  '"(?:a?){300}z"',
  '"("',
  "name",
  `"${"a".repeat(257)}"`,
] as const;

function leafOf(random: Random, kind: Kind): string {
  switch (kind) {
    case "bool":
      return random.pick(["true", "false", "attributes.a == null"]);
    case "int":
      return random.pick(["0", "1", "-7", "9223372036854775807", "flags", "size(name)"]);
    case "double":
      return random.pick(["1.5", "0.0", "-1e300", "double(flags)"]);
    case "string":
      return random.pick([
        quoted(random.pick(texts)),
        "name",
        "service",
        "kind",
        "status.message",
        "status.code",
        "scope.name",
      ]);
    case "list":
      return random.pick(["[]", "[1, 2]", '["GET /cart", "get"]', "attributes"]);
    case "any":
      return random.pick([
        "attributes.a",
        'attributes["http.method"]',
        "attributes.list",
        "attributes.deep",
        "resource.n",
        "null",
        "name",
        "missing",
      ]);
  }
}

/** A filter and an expression that mean the same, which is true of the span in half of the cases. */
function equivalentOf(random: Random, span: Span): Pick<Input, "expression" | "filter"> {
  const name = random.below(2) === 0 && span.name.length < 4_000 ? span.name : random.pick(texts);
  const service = random.pick(["shop", "bank"]);
  const traceId = random.pick(traceIds);
  const key = random.pick(keys);
  const value = random.pick(["GET /cart", "get", "exception"]);
  const kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
  const kind = random.below(kinds.length);
  const codes = ["UNSET", "OK", "ERROR"];
  const code = random.below(codes.length);
  const has = ["attributes", "resource", "scope.attributes"]
    .map((where) => `(${quoted(key)} in ${where} && ${where}[${quoted(key)}] == ${quoted(value)})`)
    .join(" || ");
  return random.pick<Pick<Input, "expression" | "filter">>([
    { filter: { name }, expression: `name == ${quoted(name)}` },
    { filter: { service }, expression: `service == ${quoted(service)}` },
    { filter: { traceId }, expression: `traceId == ${quoted(traceId)}` },
    { filter: { kind }, expression: `kind == "SPAN_KIND_${kinds[kind]}"` },
    { filter: { statusCode: code }, expression: `status.code == "STATUS_CODE_${codes[code]}"` },
    { filter: { name, service }, expression: `!(name != ${quoted(name)} || service != ${quoted(service)})` },
    ...(span.omittedBytes === 0
      ? [{ filter: { attributes: [[key, value]] as const }, expression: has }]
      : []),
  ]);
}
