import type { EncodedItem } from "../../src/domain/encoded-item.ts";

const none = new Uint8Array();

/** An item as a store hands it out; empty but for these parts. */
export function encodedItem(parts: Partial<EncodedItem>): EncodedItem {
  return {
    ordinal: 0,
    item: none,
    resource: none,
    resourceSchemaUrl: "",
    scope: none,
    scopeSchemaUrl: "",
    ...parts,
  };
}
