import type { DescEnum } from "@bufbuild/protobuf";

/**
 * The number of an enum value that a person named: short or in full, in any case, with dashes or
 * underscores. Undefined when there is none of that name.
 */
export function enumValue(schema: DescEnum, text: string): number | undefined {
  const name = text.toUpperCase().replaceAll("-", "_");
  return schema.values.find((value) => value.name === name || value.localName === name)?.number;
}

/** The short names, for messages; of severities those without a figure. */
export function enumChoices(schema: DescEnum): string {
  const names = schema.values
    .map(({ localName }) => localName.toLowerCase().replaceAll("_", "-"))
    .filter((name) => name !== "unspecified" && !/\d$/.test(name));
  return `one of ${names.join(", ")}`;
}

/** The short name of a value, as the sender's side wrote it: `ERROR`; a number when it is not known. */
export function enumName(schema: DescEnum, number: number): string {
  return schema.value[number]?.localName ?? String(number);
}
