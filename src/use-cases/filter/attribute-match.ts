import type { Attributes, AttributeValue, Scope } from "../../domain/telemetry.ts";

export interface WithAttributes {
  readonly attributes: Attributes;
  readonly scope: Pick<Scope, "attributes">;
  readonly resource: Attributes;
}

/** Whether each wanted attribute is on the item, on its scope or on its resource. */
export function hasAttributes(
  { attributes, scope, resource }: WithAttributes,
  wanted: ReadonlyMap<string, string>,
): boolean {
  for (const [key, text] of wanted) {
    const isHere = [attributes, scope.attributes, resource].some((holder) => hasAttribute(holder, key, text));
    if (!isHere) return false;
  }
  return true;
}

/** A value printed as text: a string as it is, anything else as JSON prints it. */
export function attributeText(value: AttributeValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function hasAttribute(attributes: Attributes, key: string, text: string): boolean {
  const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
  return value !== undefined && attributeText(value) === text;
}
