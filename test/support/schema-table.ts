import type { DescEnum, DescField, DescFile, DescMessage, DescService } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Type } from "@bufbuild/protobuf/wkt";

/** A schema as text: for each type's heading, the sorted lines that describe what is in it. */
export type SchemaTable = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the table format of `test/conformance/fixtures`: a heading in the first column (`file`,
 * `message`, `enum` or `service`), its content indented below.
 */
export function parseSchemaTable(text: string): SchemaTable {
  const table = new Map<string, string[]>();
  let content: string[] | undefined;
  for (const line of text.split("\n")) {
    const words = line.trim().replaceAll(/\s+/g, " ");
    if (words === "") continue;
    if (!line.startsWith(" ")) {
      if (table.has(words)) throw new Error(`twice in the table: ${words}`);
      content = [];
      table.set(words, content);
    } else if (content) {
      content.push(words);
    } else {
      throw new Error(`no heading above: ${words}`);
    }
  }
  return sorted(table);
}

/** Writes generated descriptors as such a table. Service, message and enum options are left out. */
export function describeFiles(files: readonly DescFile[]): SchemaTable {
  const table = new Map<string, string[]>();
  for (const file of files) {
    table.set(`file ${file.proto.name} package ${file.proto.package}`, []);
    for (const service of file.services) table.set(`service ${service.typeName}`, describeService(service));
    for (const desc of file.enums) table.set(`enum ${desc.typeName}`, describeEnum(desc));
    for (const message of file.messages) addMessage(table, message);
  }
  return sorted(table);
}

function addMessage(table: Map<string, string[]>, message: DescMessage): void {
  table.set(`message ${message.typeName}`, [
    ...message.fields.map(describeField),
    // A descriptor's range excludes its end, the table's includes it.
    ...message.proto.reservedRange.map(({ start, end }) => `reserved ${start}..${end - 1}`),
    ...message.proto.reservedName.map((name) => `reserved "${name}"`),
  ]);
  for (const desc of message.nestedEnums) table.set(`enum ${desc.typeName}`, describeEnum(desc));
  for (const nested of message.nestedMessages) addMessage(table, nested);
}

function describeField(field: DescField): string {
  const label = field.fieldKind === "list" ? "repeated " : field.proto.proto3Optional ? "optional " : "";
  const oneof = field.oneof ? ` oneof=${field.oneof.name}` : "";
  return `${field.number} ${label}${typeName(field)} ${field.name}${oneof}${field.deprecated ? " deprecated" : ""}`;
}

function typeName(field: DescField): string {
  if (field.fieldKind === "map") return "unexpected map";
  const target = field.message ?? field.enum;
  if (target) return target.typeName;
  if (field.scalar !== undefined) return ScalarType[field.scalar].toLowerCase();
  return `unexpected ${FieldDescriptorProto_Type[field.proto.type]}`;
}

function describeEnum(desc: DescEnum): string[] {
  return [
    ...desc.values.map((value) => `${value.number} ${value.name}${value.deprecated ? " deprecated" : ""}`),
    // An enum's range includes its end, unlike a message's.
    ...desc.proto.reservedRange.map(({ start, end }) => `reserved ${start}..${end}`),
    ...desc.proto.reservedName.map((name) => `reserved "${name}"`),
  ];
}

function describeService(service: DescService): string[] {
  return service.methods.map((method) => {
    const input = `${method.proto.clientStreaming ? "stream " : ""}${method.input.typeName}`;
    const output = `${method.proto.serverStreaming ? "stream " : ""}${method.output.typeName}`;
    return `rpc ${method.name}(${input}) returns (${output})`;
  });
}

function sorted(table: Map<string, string[]>): SchemaTable {
  return new Map([...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, lines]) => [key, lines.sort()]));
}
