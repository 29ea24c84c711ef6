import { mutateBytes } from "./mutate.ts";
import type { Random } from "./random.ts";

// Damages JSON texts: as a tree of values, which stays JSON, and as bytes, which mostly does not.

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

type Node =
  | { readonly kind: "object"; members: [name: string, value: Node][] }
  | { readonly kind: "array"; elements: Node[] }
  | { readonly kind: "text"; readonly text: string };

/** In values that are put in. It must not come back in an error. */
export const canary = "c4n4ry";

/** Values that fit some fields and others not, as they are written. */
const texts = [
  "null",
  "true",
  '""',
  `"${canary}"`,
  "0",
  "-1",
  "1.5",
  "1e3",
  "1e400",
  "2147483648",
  "9007199254740993",
  "18446744073709551615",
  "-9223372036854775809",
  "123456789012345678901234567890",
  '"18446744073709551616"',
  '"1e3"',
  '"0x10"',
  '"NaN"',
  '"-Infinity"',
  '"00000000000000000000000000000000"',
  '"5B8EFFF798038103D269B633813FC60C"',
  '"eee19b7ec3c1b174"',
  '"W47/95gDgQPSabYzgT/GDA=="',
  '"W47_95gDgQPSabYzgT_GDA"',
  '"SPAN_KIND_SERVER"',
  '"\\ud800"',
  '"\\u0000\\u001b[31m"',
  "[]",
  "{}",
  "[null]",
  "[[]]",
  '{"":{}}',
] as const;

/** @param json of an object */
export function mutateJson(json: string, random: Random): Uint8Array {
  const root = nodeOf(JSON.parse(json));
  for (let i = random.below(4); i > 0; i--) mutateNode(root, random);
  let bytes: Uint8Array = Buffer.from(textOf(root, random));
  if (random.below(6) === 0) {
    for (let i = random.below(3); i >= 0; i--) bytes = mutateBytes(bytes, random);
  }
  return bytes;
}

function nodeOf(json: Json): Node {
  if (Array.isArray(json)) return { kind: "array", elements: json.map(nodeOf) };
  if (typeof json === "object" && json !== null) {
    return { kind: "object", members: Object.entries(json).map(([name, value]) => [name, nodeOf(value)]) };
  }
  return { kind: "text", text: JSON.stringify(json) };
}

function mutateNode(root: Node, random: Random): void {
  let node = root;
  // Down to any level: most of what can go wrong is not at the top.
  for (;;) {
    const [first, ...rest] = childrenOf(node).filter((child) => childrenOf(child).length > 0);
    if (first === undefined || random.below(7) === 0) break;
    node = random.pick([first, ...rest]);
  }
  if (node.kind === "object") mutateMembers(node.members, random);
  else if (node.kind === "array") mutateElements(node.elements, random);
}

function mutateMembers(members: [string, Node][], random: Random): void {
  const at = random.below(members.length);
  const member = members[at];
  if (member === undefined) return;
  const [name, value] = member;
  switch (random.below(7)) {
    case 0:
      members.splice(at, 1);
      break;
    case 1:
      members.reverse();
      break;
    case 2:
      // Twice: JavaScript takes the last.
      members.push([name, random.below(2) === 0 ? structuredClone(value) : anyText(random)]);
      break;
    case 3:
      members.push([snakeCase(name), structuredClone(value)]);
      break;
    case 4:
      members.push([random.pick(["sum", "gauge", "intValue", "asInt", "x", "__proto__", "toString"]), value]);
      break;
    default:
      member[1] = random.below(8) === 0 ? deep(random) : anyText(random);
  }
}

function mutateElements(elements: Node[], random: Random): void {
  const at = random.below(elements.length + 1);
  const element = elements[at];
  switch (random.below(4)) {
    case 0:
      elements.splice(at, 1);
      break;
    case 1:
      if (element !== undefined) elements.push(structuredClone(element));
      break;
    case 2:
      elements.splice(at, 0, anyText(random));
      break;
    default:
      elements.splice(at, 1, anyText(random));
  }
}

function anyText(random: Random): Node {
  return { kind: "text", text: random.pick(texts) };
}

/** Lists of values in values, up to more levels than messages may nest. */
function deep(random: Random): Node {
  const levels = random.below(80);
  const text = `${'{"arrayValue":{"values":['.repeat(levels)}{}${"]}}".repeat(levels)}`;
  return { kind: "text", text };
}

function childrenOf(node: Node): readonly Node[] {
  if (node.kind === "object") return node.members.map(([, value]) => value);
  return node.kind === "array" ? node.elements : [];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function textOf(node: Node, random: Random): string {
  const space = random.below(12) === 0 ? random.pick([" ", "\n\t", "\r"]) : "";
  if (node.kind === "text") return node.text + space;
  if (node.kind === "array") return `[${space}${node.elements.map((one) => textOf(one, random)).join(",")}]`;
  const members = node.members.map(
    ([name, value]) => `${space}${JSON.stringify(name)}${space}:${textOf(value, random)}`,
  );
  return `{${members.join(",")}${space}}`;
}
