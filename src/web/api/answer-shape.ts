import { answerShapes } from "../../../gen/obsvty/v1/answer-shapes.ts";

/*
 * Whether an answer is what the page was built for: a server of another version, or something between, may put anything
 * into its fields, and a view that reads it would break. Fields that the page does not know are no fault.
 */

/**
 * @param message by its name in the API
 * @returns the first field that is not as the API has it, such as `traces[0].services`; undefined when all are
 */
export function wrongField(answer: object, message: string): string | undefined {
  const fields = answerShapes[message] ?? {};
  const values = answer as Readonly<Record<string, unknown>>;
  for (const name in values) {
    const kind = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const wrong = kind === undefined ? undefined : wrongIn(values[name], kind);
    if (wrong !== undefined) return name + wrong;
  }
  return undefined;
}

/** @returns the way from the value to what is wrong in it: "" for the value itself */
function wrongIn(value: unknown, kind: string): string | undefined {
  if (kind.startsWith("[]")) {
    if (!Array.isArray(value)) return "";
    const inner = kind.slice(2);
    for (let i = 0; i < value.length; i++) {
      const wrong = wrongIn(value[i], inner);
      if (wrong !== undefined) return `[${i}]${wrong}`;
    }
    return undefined;
  }
  if (kind.startsWith("{}")) {
    if (!isObject(value)) return "";
    const inner = kind.slice(2);
    // Keys may be what a sender chose: they are not told.
    const isWrong = inner !== "" && Object.values(value).some((one) => wrongIn(one, inner) !== undefined);
    return isWrong ? "{}" : undefined;
  }
  switch (kind) {
    case "string":
    case "boolean":
      return typeof value === kind ? undefined : "";
    case "enum":
      return typeof value === "string" || typeof value === "number" ? undefined : "";
    case "number":
      return typeof value === "number" || notFinite.has(value) ? undefined : "";
  }
  if (!isObject(value)) return "";
  const wrong = wrongField(value, kind);
  return wrong === undefined ? undefined : `.${wrong}`;
}

/** Numbers that JSON has as texts. */
const notFinite = new Set<unknown>(["NaN", "Infinity", "-Infinity"]);

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
