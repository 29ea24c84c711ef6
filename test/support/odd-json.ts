import { oddNames, oddNumbers, oddTexts } from "./odd-json-values.ts";
import type { Random } from "./random.ts";

// Makes odd OTLP/JSON of sound OTLP/JSON: other ways to write the same, values that do not fit, names that come twice,
// and damaged text.

/** JSON that can have what a JavaScript object cannot: names that come twice, and numbers of any digits. */
type Node =
  | { kind: "object"; members: [name: string, value: Node][] }
  | { kind: "list"; elements: Node[] }
  | { kind: "string"; text: string }
  /** A number, or a word such as null, as it is written. */
  | { kind: "token"; token: string };

/** @param json a sound request */
export function makeOddJson(json: string, random: Random): Uint8Array {
  const root = nodeOf(JSON.parse(json));
  for (let i = random.below(4); i > 0; i--) mutateNode(root, random);
  const style = { spaces: random.below(3) === 0, escapes: random.below(3) === 0 };
  const bytes = Buffer.from(write(root, random, style));
  const mark = random.below(20) === 0 ? Buffer.from("\ufeff") : Buffer.alloc(0);
  return Buffer.concat([mark, random.below(4) === 0 ? damage(bytes, random) : bytes]);
}

function nodeOf(value: unknown): Node {
  if (Array.isArray(value)) return { kind: "list", elements: value.map(nodeOf) };
  if (typeof value === "string") return { kind: "string", text: value };
  if (typeof value !== "object" || value === null) return { kind: "token", token: JSON.stringify(value) };
  return {
    kind: "object",
    members: Object.entries(value).map(([name, member]) => [name, nodeOf(member)]),
  };
}

function mutateNode(root: Node, random: Random): void {
  let node = root;
  // Down to any level: most of what can be odd is not at the top.
  for (;;) {
    const children = childrenOf(node).filter(({ kind }) => kind === "object" || kind === "list");
    const [first, ...rest] = children;
    if (first === undefined || random.below(7) === 0) break;
    node = random.pick([first, ...rest]);
  }
  if (node.kind === "object") mutateObject(node.members, random);
  else if (node.kind === "list") mutateList(node.elements, random);
}

function childrenOf(node: Node): Node[] {
  if (node.kind === "object") return node.members.map(([, value]) => value);
  return node.kind === "list" ? node.elements : [];
}

function mutateObject(members: [string, Node][], random: Random): void {
  const at = random.below(members.length + 1);
  const member = members[at];
  if (member === undefined) {
    members.push([anyName(random), anyNode(random)]);
    return;
  }
  const [name, value] = member;
  switch (random.below(9)) {
    case 0:
      members.splice(at, 1);
      break;
    case 1:
      member[0] = otherSpelling(name);
      break;
    case 2:
      member[0] = anyName(random);
      break;
    case 3:
      members.reverse();
      break;
    case 4:
      // The same name again, with the same or another value.
      members.splice(random.below(members.length + 1), 0, [
        random.below(2) === 0 ? name : otherSpelling(name),
        random.below(2) === 0 ? structuredClone(value) : anyNode(random),
      ]);
      break;
    case 5:
      members.splice(random.below(members.length + 1), 0, [anyName(random), anyNode(random)]);
      break;
    case 6:
      members.splice(random.below(members.length + 1), 0, [anyName(random), structuredClone(value)]);
      break;
    default:
      member[1] = otherValue(value, random);
  }
}

function mutateList(elements: Node[], random: Random): void {
  const at = random.below(elements.length + 1);
  const element = elements[at];
  switch (random.below(4)) {
    case 0:
      elements.splice(at, random.below(2), anyNode(random));
      break;
    case 1:
      elements.splice(at, 1);
      break;
    case 2:
      if (element !== undefined) elements.splice(at, 0, structuredClone(element));
      break;
    default:
      if (element !== undefined) elements[at] = otherValue(element, random);
  }
}

function otherValue(value: Node, random: Random): Node {
  switch (random.below(5)) {
    case 0:
      return { kind: "list", elements: [value] };
    case 1:
      return nested(value, random.below(3) === 0 ? 30 + random.below(10) : 1);
    case 2:
      // A number in quotes, or a string without.
      if (value.kind === "token") return { kind: "string", text: value.token };
      if (value.kind === "string" && /^-?\d+$/.test(value.text)) return { kind: "token", token: value.text };
      return anyNode(random);
    default:
      return anyNode(random);
  }
}

/** An attribute's value in lists. */
function nested(value: Node, levels: number): Node {
  let node = value;
  for (let i = 0; i < levels; i++) {
    node = object(["arrayValue", object(["values", { kind: "list", elements: [node] }])]);
  }
  return node;
}

function object(...members: [string, Node][]): Node {
  return { kind: "object", members };
}

function otherSpelling(name: string): string {
  return name.includes("_")
    ? name.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase())
    : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function anyNode(random: Random, levels = 3): Node {
  const containers = levels > 0 ? 2 : 0;
  switch (random.below(4 + containers)) {
    case 0:
      return { kind: "token", token: random.pick(["null", "true", "false", "null"]) };
    case 1:
      return { kind: "token", token: anyOf(oddNumbers, random) };
    case 2:
    case 3:
      return { kind: "string", text: anyOf(oddTexts, random) };
    case 4:
      return {
        kind: "list",
        elements: Array.from({ length: random.below(3) }, () => anyNode(random, levels - 1)),
      };
    default:
      return object(
        ...Array.from({ length: random.below(3) }, (): [string, Node] => [
          anyName(random),
          anyNode(random, levels - 1),
        ]),
      );
  }
}

function anyName(random: Random): string {
  return anyOf(oddNames, random);
}

function anyOf<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)] as T;
}

interface Style {
  readonly spaces: boolean;
  readonly escapes: boolean;
}

function write(node: Node, random: Random, style: Style): string {
  const space = () => (style.spaces ? random.pick(["", "", " ", "\n\t", "\r\n    "]) : "");
  const spaced = (text: string) => space() + text + space();
  const string = (text: string) => writeString(text, random, style);
  switch (node.kind) {
    case "token":
      return spaced(node.token);
    case "string":
      return spaced(string(node.text));
    case "list":
      return spaced(
        `[${node.elements.map((element) => write(element, random, style)).join(",") || space()}]`,
      );
    case "object": {
      const members = node.members.map(
        ([name, value]) => `${spaced(string(name))}:${write(value, random, style)}`,
      );
      return spaced(`{${members.join(",") || space()}}`);
    }
  }
}

function writeString(text: string, random: Random, { escapes }: Style): string {
  const written = JSON.stringify(text);
  if (!escapes || random.below(4) > 0) return written;
  return written.replace(/[^"\\]/gu, (character) => {
    if (random.below(3) > 0) return character;
    if (character === "/") return "\\/";
    return [...character.split("")]
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join("");
  });
}

const scraps = [
  ...[
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\u",
    "\\ud83d",
    "\\x",
    "-",
    "0",
    "e",
    "tru",
    "null",
    "\t",
    "\n",
  ],
  ..."9".repeat(3),
].map((text) => Buffer.from(text));

const badUtf8 = [
  "ff",
  "80",
  "c2",
  "c080",
  "e282",
  "eda080",
  "edb080",
  "f09f98",
  "f4908080",
  "f8888080",
  "efbfbd",
  "00",
].map((hex) => Buffer.from(hex, "hex"));

function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.byteLength + 1);
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at + random.below(12));
  switch (random.below(5)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, anyOf(scraps, random), after]);
    case 2:
      return Buffer.concat([before, anyOf(scraps, random), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([before, random.bytes(1 + random.below(4)), bytes.subarray(at)]);
    default:
      return Buffer.concat([before, anyOf(badUtf8, random), bytes.subarray(at)]);
  }
}
