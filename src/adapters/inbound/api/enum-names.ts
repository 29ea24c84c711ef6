import type { DescEnum } from "@bufbuild/protobuf";

/** A longer value is not repeated. */
const MAX_SHOWN = 64;

/** Says that an enum has no such value, and which ones it has. */
export function noSuchValue(schema: DescEnum, value: unknown): string {
  const text = JSON.stringify(value);
  const shown = text.length > MAX_SHOWN ? "" : `${text} is `;
  return `${shown}no ${schema.name}; use one of ${namesOf(schema).join(", ")}`;
}

/** The names of an enum. Of names that differ in a figure at the end, as severities do, only the first. */
function namesOf({ values }: DescEnum): string[] {
  const names = values.map(({ name }) => name).filter((name) => !name.endsWith("_UNSPECIFIED"));
  const known = new Set(names);
  return names.filter((name) => !/\d$/.test(name) || !known.has(name.replace(/\d+$/, "")));
}
