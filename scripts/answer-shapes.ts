import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FaultService } from "../gen/obsvty/v1/fault_pb.ts";
import { QueryService } from "../gen/obsvty/v1/query_pb.ts";

/*
 * Writes gen/obsvty/v1/answer-shapes.ts: of each answer that the page may get, its fields and of which kind they are in
 * JSON. The page holds answers against it. The descriptors themselves, with what reads JSON by them, would be many
 * times as large.
 */

const file = fileURLToPath(new URL("../gen/obsvty/v1/answer-shapes.ts", import.meta.url));

/** Messages that have a form of their own in JSON; undefined for any. */
const ownForms: Readonly<Record<string, string | undefined>> = {
  "google.protobuf.Timestamp": "string",
  "google.protobuf.Duration": "string",
  "google.protobuf.Struct": "{}",
  "google.protobuf.Value": undefined,
};

const numbers = [
  ScalarType.DOUBLE,
  ScalarType.FLOAT,
  ScalarType.INT32,
  ScalarType.UINT32,
  ScalarType.SINT32,
  ScalarType.FIXED32,
  ScalarType.SFIXED32,
];

export function answerShapes(): string {
  const messages = new Map<string, string>();
  const nameOf = (message: DescMessage): string => {
    const name = message.typeName.replace("obsvty.v1.", "");
    if (!messages.has(name)) {
      messages.set(name, "");
      const fields = message.fields.flatMap((field) => {
        const kind = kindOf(field);
        return kind === undefined ? [] : [`    ${field.jsonName}: "${kind}",\n`];
      });
      messages.set(name, `  ${JSON.stringify(name)}: {\n${fields.join("")}  },\n`);
    }
    return name;
  };
  const ofMessage = (message: DescMessage): string | undefined => {
    return Object.hasOwn(ownForms, message.typeName) ? ownForms[message.typeName] : nameOf(message);
  };
  const kindOf = (field: DescField): string | undefined => {
    const prefix = field.fieldKind === "list" ? "[]" : field.fieldKind === "map" ? "{}" : "";
    const one =
      field.message !== undefined
        ? ofMessage(field.message)
        : field.enum !== undefined
          ? "enum"
          : scalarKind(field.scalar as ScalarType);
    return one === undefined ? undefined : prefix + one;
  };
  for (const { output } of [...QueryService.methods, ...FaultService.methods]) nameOf(output);
  return `// Written by scripts/answer-shapes.ts from the descriptors of the API. Do not edit.

/**
 * The fields of the messages in answers, and of which kind each is in JSON: a number, a boolean, an enum, a string, or a
 * message by its name; \`[]\` before it is a list, \`{}\` a map, alone of anything. Fields that may be anything are left out.
 */
export const answerShapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${[...messages.values()].join("")}};
`;
}

function scalarKind(scalar: ScalarType): string {
  if (scalar === ScalarType.BOOL) return "boolean";
  return numbers.includes(scalar) ? "number" : "string";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, answerShapes());
