import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { WireFields } from "../../src/otlp/wire/wire-fields.ts";
import type { Random } from "./random.ts";
import { tag, varint } from "./wire.ts";

// Damages encoded messages: as bytes, which mostly breaks lengths, and as a tree of fields whose lengths are
// put right again, which gets to what is deep inside.

/** A field: its value is what follows the tag, or for a message its fields. */
interface Node {
  number: number;
  wireType: number;
  /** Bytes by which the varints of tag and length are longer than they need be. */
  padding?: { readonly tag: number; readonly length: number };
  value: Uint8Array | Node[];
}

/** @param schema of the message that the bytes, which have to be sound, are */
export function mutate(schema: DescMessage, bytes: Uint8Array, random: Random): Uint8Array {
  let mutated = bytes;
  if (random.below(3) > 0) {
    const nodes = parse(schema, bytes);
    for (let i = random.below(3); i >= 0; i--) mutateTree(nodes, random);
    mutated = serialize(nodes);
  }
  if (mutated === bytes || random.below(4) === 0) {
    for (let i = random.below(3); i >= 0; i--) mutated = mutateBytes(mutated, random);
  }
  return mutated;
}

function parse(schema: DescMessage, bytes: Uint8Array): Node[] {
  const nodes: Node[] = [];
  for (const field = new WireFields(bytes); field.next(); ) {
    const { number, wireType } = field;
    const message = schema.fields.find((candidate) => candidate.number === number)?.message;
    const value = bytes.subarray(field.valueAt, field.end);
    nodes.push({ number, wireType, value: message === undefined ? value : parse(message, value) });
  }
  return nodes;
}

function serialize(nodes: readonly Node[]): Uint8Array {
  return Buffer.concat(
    nodes.flatMap(({ number, wireType, value, padding }) => {
      const bytes = Array.isArray(value) ? serialize(value) : value;
      const length =
        wireType === WireType.LengthDelimited ? [padded(varint(bytes.byteLength), padding?.length)] : [];
      return [padded(tag(number, wireType), padding?.tag), ...length, bytes];
    }),
  );
}

/** The same varint, written with more bytes. */
function padded(bytes: Uint8Array, count = 0): Uint8Array {
  if (count === 0) return bytes;
  const more = Uint8Array.from(bytes);
  more[more.byteLength - 1] = (more.at(-1) ?? 0) | 0x80;
  return Buffer.concat([more, Buffer.alloc(count - 1, 0x80), Uint8Array.of(0)]);
}

function mutateTree(root: Node[], random: Random): void {
  let nodes = root;
  // Down to any level: most of what can go wrong is not at the top.
  for (;;) {
    const children = nodes.flatMap(({ value }) => (Array.isArray(value) && value.length > 0 ? [value] : []));
    const [first, ...rest] = children;
    if (first === undefined || random.below(6) === 0) break;
    nodes = random.pick([first, ...rest]);
  }
  const at = random.below(nodes.length);
  const node = nodes[at];
  if (node === undefined) return;
  switch (random.below(12)) {
    case 0:
      nodes.splice(at, 1);
      break;
    case 1:
      nodes.splice(random.below(nodes.length + 1), 0, structuredClone(node));
      break;
    case 2:
      nodes.reverse();
      break;
    case 3:
      node.number = random.pick([0, 1, 2, 3, 5, 7, 9, 11, 15, 16, 31, 32, 33, 200, 536_870_911, 536_870_912]);
      break;
    case 4:
      node.wireType = random.below(8);
      break;
    case 5:
      node.value = random.bytes(random.pick([0, 1, 4, 7, 8, 9, 16, 17, 130]));
      break;
    case 6:
      node.value = hugeVarint(random);
      node.wireType = WireType.Varint;
      break;
    case 7:
      nodes.splice(random.below(nodes.length + 1), 0, {
        number: 1 + random.below(40),
        wireType: random.pick([0, 1, 2, 5]),
        value: random.pick([new Uint8Array(), random.bytes(4), random.bytes(8), varint(random.below(300))]),
      });
      break;
    case 8:
      node.padding = { tag: random.below(10), length: random.below(10) };
      break;
    case 9: {
      // Another member of a oneof, or any other field that holds a message, with the same fields.
      const twin = structuredClone(node);
      twin.number = random.pick([node.number, 1, 2, 5, 7, 9, 10, 11]);
      nodes.splice(random.below(nodes.length + 1), 0, twin);
      break;
    }
    case 10:
      // A message in two parts.
      if (Array.isArray(node.value)) {
        const rest = node.value.splice(random.below(node.value.length + 1));
        nodes.splice(at + 1, 0, { ...node, value: rest });
      }
      break;
    default:
      if (!Array.isArray(node.value)) node.value = mutateBytes(node.value, random);
  }
}

/** Changes a few bytes that follow each other, or their number. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.byteLength + 1);
  const until = Math.min(bytes.byteLength, at + 1 + random.below(8));
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(until);
  switch (random.below(6)) {
    case 0: {
      const flipped = Uint8Array.from(bytes);
      if (at < flipped.byteLength) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
    case 1:
      return before;
    case 2:
      return Buffer.concat([before, random.bytes(1 + random.below(6)), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([before, after]);
    case 4:
      return Buffer.concat([before, hugeVarint(random), after]);
    default: {
      const from = random.below(bytes.byteLength + 1);
      return Buffer.concat([before, bytes.subarray(from, from + random.below(64)), after]);
    }
  }
}

function hugeVarint(random: Random): Uint8Array {
  return random.pick([
    varint(2n ** 32n - 1n),
    varint(2n ** 32n),
    varint(2n ** 31n),
    varint(2n ** 53n),
    varint(2n ** 64n - 1n),
    Uint8Array.of(...Array(9).fill(0x80), 0x7f),
    Uint8Array.of(...Array(10).fill(0x80), 0x01),
    Uint8Array.of(0x80, 0x80, 0x00),
    Uint8Array.of(0xff),
  ]);
}
