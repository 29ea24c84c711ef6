import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";

/** The fields from a message down to one of its leaves. */
export type FieldPath = readonly DescField[];

/** Every field of a message that holds no message, at any depth; each type is entered once on a path. */
export function leavesOf(message: DescMessage, above: readonly DescMessage[] = []): FieldPath[] {
  return message.fields.flatMap((field): FieldPath[] => {
    if (field.message === undefined) return [[field]];
    if (field.message === message || above.includes(field.message)) return [];
    return leavesOf(field.message, [...above, message]).map((path) => [field, ...path]);
  });
}

/** As `Message.field`, which is how a leaf is known whatever the path to it. */
export function leafName(path: FieldPath): string {
  const field = path.at(-1);
  return field === undefined ? "" : `${field.parent.name}.${field.name}`;
}

export function pathName(path: FieldPath): string {
  return path.map(({ name }) => name).join(".");
}

type Init = Record<string, unknown>;

/**
 * The message that `base` describes, with one more field set. Of a list the first element is set.
 * @param base as `create` takes it
 */
export function withLeaf(schema: DescMessage, base: object, path: FieldPath, value: unknown): Message {
  const init = structuredClone(base) as Init;
  let holder = init;
  for (const field of path.slice(0, -1)) holder = enter(holder, field);
  const leaf = path.at(-1);
  if (leaf === undefined) throw new Error("a path has at least one field");
  if (leaf.oneof !== undefined) holder[leaf.oneof.localName] = { case: leaf.localName, value };
  else if (leaf.fieldKind !== "list") holder[leaf.localName] = value;
  else
    holder[leaf.localName] = [value, ...((holder[leaf.localName] as unknown[] | undefined) ?? []).slice(1)];
  return create(schema, init as never);
}

/** The message, or first message, in a field; made when it is not there. */
function enter(holder: Init, field: DescField): Init {
  if (field.oneof !== undefined) {
    const { localName } = field.oneof;
    const set = holder[localName] as { case?: string; value?: Init } | undefined;
    const value = set?.case === field.localName ? (set.value ?? {}) : {};
    holder[localName] = { case: field.localName, value };
    return value;
  }
  const held = holder[field.localName];
  const found =
    (field.fieldKind === "list" ? (held as Init[] | undefined)?.[0] : (held as Init | undefined)) ?? {};
  if (held === undefined) holder[field.localName] = field.fieldKind === "list" ? [found] : found;
  return found;
}

/** The value of a field that is not set. */
export function zeroOf(field: DescField): unknown {
  const sentinel = sentinelOf(field);
  switch (typeof sentinel) {
    case "string":
      return "";
    case "bigint":
      return 0n;
    case "boolean":
      return false;
    case "number":
      return 0;
    default:
      return new Uint8Array();
  }
}

/** A value that differs from the default, and from all that a base message holds. */
export function sentinelOf(field: DescField): unknown {
  if (field.enum !== undefined) return 2;
  switch (field.scalar) {
    case ScalarType.STRING:
      return "sentinel";
    case ScalarType.BYTES:
      return new Uint8Array(field.name === "trace_id" ? 16 : 8).fill(0xab);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
      return 0.375;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1_795_656_000_000_000_000n;
    default:
      // Even: the first bit of a data point's flags takes its value away.
      return 4_242;
  }
}
