/** The part of JSON Schema that the tools use for their arguments. */
export interface ArgumentSchema {
  readonly type?: "object" | "array" | "string" | "integer" | "number";
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: ArgumentSchema;
  readonly properties?: Readonly<Record<string, ArgumentSchema>>;
  /** False where only the properties named may be there. */
  readonly additionalProperties?: ArgumentSchema | false;
  readonly required?: readonly string[];
  readonly description?: string;
}

/**
 * What is wrong with arguments: the name of one, and what it may be, so that an agent can mend its call. Undefined when
 * nothing is.
 */
export function faultOf(value: unknown, schema: ArgumentSchema, name = ""): string | undefined {
  const must = (what: string) => `${name === "" ? "arguments" : name}: must be ${what}`;
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (schema.enum !== undefined) {
    return schema.enum.includes(value as string) ? undefined : must(`one of ${schema.enum.join(", ")}`);
  }
  switch (schema.type) {
    case "string":
      return typeof value === "string" ? undefined : must("a string");
    case "integer":
    case "number": {
      const isOne = schema.type === "integer" ? Number.isInteger(value) : typeof value === "number";
      const isWithin = isOne && Number(value) >= minimum && Number(value) <= maximum;
      const noun = schema.type === "integer" ? "a whole number" : "a number";
      return isWithin ? undefined : must(`${noun} from ${minimum} to ${maximum}`);
    }
    case "array": {
      const { items = {}, maxItems = Number.POSITIVE_INFINITY } = schema;
      if (!Array.isArray(value)) return must("a list");
      if (value.length > maxItems) return must(`a list of at most ${maxItems}`);
      return firstFault(value.map((item, i) => () => faultOf(item, items, `${name}[${i}]`)));
    }
    case "object":
      if (typeof value !== "object" || value === null || Array.isArray(value)) return must("an object");
      return faultOfFields(value as Readonly<Record<string, unknown>>, schema, name);
    default:
      return undefined;
  }
}

function faultOfFields(
  fields: Readonly<Record<string, unknown>>,
  { properties = {}, additionalProperties, required = [] }: ArgumentSchema,
  name: string,
): string | undefined {
  const missing = required.find((each) => fields[each] === undefined);
  if (missing !== undefined) return `${missing}: is required`;
  return firstFault(
    Object.entries(fields).map(([key, value]) => () => {
      const path = name === "" ? key : `${name}.${key}`;
      const schema = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      if (schema !== false && schema !== undefined) return faultOf(value, schema, path);
      return schema === false
        ? `${path.slice(0, 100)}: is no argument here; there are ${Object.keys(properties).join(", ")}`
        : undefined;
    }),
  );
}

function firstFault(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const fault = check();
    if (fault !== undefined) return fault;
  }
  return undefined;
}
