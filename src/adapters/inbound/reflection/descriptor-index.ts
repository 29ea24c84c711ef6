import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/** Finds .proto files by name, symbol or extension, among those given and all that they import. */
export class DescriptorIndex {
  readonly #byName = new Map<string, DescFile>();
  readonly #bySymbol = new Map<string, DescFile>();
  /** The files of extensions, by the full name of the message that is extended and by the extension's number. */
  readonly #byExtension = new Map<string, Map<number, DescFile>>();
  readonly #encoded = new Map<DescFile, Uint8Array>();

  constructor(files: Iterable<DescFile>) {
    for (const file of files) {
      for (const reached of withImports(file)) this.#add(reached);
    }
  }

  /** @param name with its extension, such as `obsvty/v1/query.proto` */
  fileOf(name: string): DescFile | undefined {
    return this.#byName.get(name);
  }

  /** @param symbol the full name of a service, method, message, field, enum, enum value or extension */
  fileDeclaring(symbol: string): DescFile | undefined {
    return this.#bySymbol.get(symbol);
  }

  /** @param extendee the full name of the message that is extended */
  fileExtending(extendee: string, number: number): DescFile | undefined {
    return this.#byExtension.get(extendee)?.get(number);
  }

  /** The numbers ascend. */
  extensionNumbers(extendee: string): number[] {
    return [...(this.#byExtension.get(extendee)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** Encodes a file as a `google.protobuf.FileDescriptorProto`. */
  encode(file: DescFile): Uint8Array {
    const encoded = this.#encoded.get(file) ?? toBinary(FileDescriptorProtoSchema, file.proto);
    this.#encoded.set(file, encoded);
    return encoded;
  }

  #add(file: DescFile): void {
    if (this.#byName.has(file.proto.name)) return;
    this.#byName.set(file.proto.name, file);
    for (const symbol of symbolsOf(file.proto)) this.#bySymbol.set(symbol, file);
    for (const type of nestedTypes(file)) {
      if (type.kind === "extension") {
        const { typeName } = type.extendee;
        const numbers = this.#byExtension.get(typeName) ?? new Map();
        this.#byExtension.set(typeName, numbers.set(type.number, file));
      }
    }
  }
}

/** The file itself first, each file once. */
export function withImports(file: DescFile): ReadonlySet<DescFile> {
  const files = new Set([file]);
  // Iterating over a set visits files that are added meanwhile.
  for (const { dependencies } of files) {
    for (const dependency of dependencies) files.add(dependency);
  }
  return files;
}

function* symbolsOf(file: FileDescriptorProto): Iterable<string> {
  yield* symbolsIn(file.package, file.messageType, file.enumType, file.extension);
  for (const { name, method } of file.service) {
    const service = within(file.package, name);
    yield service;
    for (const { name } of method) yield within(service, name);
  }
}

/** @param scope a package or the full name of a message */
function* symbolsIn(
  scope: string,
  messages: readonly DescriptorProto[],
  enums: readonly EnumDescriptorProto[],
  extensions: readonly FieldDescriptorProto[],
): Iterable<string> {
  for (const { name } of extensions) yield within(scope, name);
  for (const { name, value } of enums) {
    yield within(scope, name);
    // In protobuf enum values are siblings of their enum, as in C++.
    for (const { name } of value) yield within(scope, name);
  }
  for (const { name, field, oneofDecl, nestedType, enumType, extension } of messages) {
    const message = within(scope, name);
    yield message;
    for (const { name } of [...field, ...oneofDecl]) yield within(message, name);
    yield* symbolsIn(message, nestedType, enumType, extension);
  }
}

function within(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
