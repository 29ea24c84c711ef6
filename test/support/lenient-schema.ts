import { clone, create, createFileRegistry, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import {
  FeatureSet_Utf8Validation,
  FeatureSetSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FileOptionsSchema,
} from "@bufbuild/protobuf/wkt";

/** A schema, with all that it is made of, under which Protobuf-ES takes strings that are not UTF-8. */
export function lenientSchema<Desc extends DescMessage>(schema: Desc): Desc {
  const files = new Map<string, FileDescriptorProto>();
  addWithImports(schema.file, files);
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files.values()] }));
  const copy = registry.getMessage(schema.typeName);
  if (copy === undefined) throw new Error(`no schema for ${schema.typeName}`);
  return copy as Desc;
}

/** What a file imports has to come before it. */
function addWithImports(file: DescFile, files: Map<string, FileDescriptorProto>): void {
  if (files.has(file.name)) return;
  for (const imported of file.dependencies) addWithImports(imported, files);
  const copy = clone(FileDescriptorProtoSchema, file.proto);
  copy.options ??= create(FileOptionsSchema);
  copy.options.features ??= create(FeatureSetSchema);
  copy.options.features.utf8Validation = FeatureSet_Utf8Validation.NONE;
  files.set(file.name, copy);
}
