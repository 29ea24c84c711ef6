import { clone, create, createFileRegistry, type DescFile, type DescMessage } from "@bufbuild/protobuf";
import {
  FeatureSet_Utf8Validation,
  FeatureSetSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FileOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { signals } from "../../domain/signal.ts";
import { requestSchemas } from "../services.ts";

/*
 * Copies of the OTLP schemas that differ from the generated ones in one option. Strings of a proto3 file are
 * validated, so that `fromBinary` throws on invalid UTF-8. The copies say `features.utf8_validation = NONE`:
 * invalid bytes become U+FFFD where the string is shown. The generated schemas stay as they are.
 */
const registry = createFileRegistry(
  create(FileDescriptorSetSchema, { file: copiesOf(signals.map((signal) => requestSchemas[signal].file)) }),
);

/** The copy of an OTLP message's schema that accepts strings with invalid UTF-8. */
export function lenientSchema<Desc extends DescMessage>(schema: Desc): Desc {
  const copy = registry.getMessage(schema.typeName);
  if (copy === undefined) throw new Error(`${schema.typeName} is not part of an OTLP request`);
  return copy as Desc;
}

/** These files and all that they import, each after its imports: the registry needs that order. */
function copiesOf(files: readonly DescFile[]): FileDescriptorProto[] {
  const copies = new Map<string, FileDescriptorProto>();
  const add = (file: DescFile): void => {
    if (copies.has(file.name)) return;
    for (const imported of file.dependencies) add(imported);
    copies.set(file.name, withoutUtf8Validation(file));
  };
  for (const file of files) add(file);
  return [...copies.values()];
}

function withoutUtf8Validation(file: DescFile): FileDescriptorProto {
  const copy = clone(FileDescriptorProtoSchema, file.proto);
  copy.options ??= create(FileOptionsSchema);
  copy.options.features ??= create(FeatureSetSchema);
  copy.options.features.utf8Validation = FeatureSet_Utf8Validation.NONE;
  return copy;
}
