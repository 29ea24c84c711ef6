import type { DescEnum } from "@bufbuild/protobuf";

/**
 * The number of an enum value given by name: short or in full, in any case, with dashes or underscores.
 * Undefined when the enum has no value of that name.
 */
export function enumValue(schema: DescEnum, text: string): number | undefined {
  const name = text.toUpperCase().replaceAll("-", "_");
  return schema.values.find((value) => value.name === name || value.localName === name)?.number;
}
