import type { GroupBy, GroupedValue, GroupField } from "../../domain/grouping.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";

import type { WithAttributes } from "./attribute-match.ts";

/** The value of each field by which decoded items can be grouped. */
const fieldValues = {
  service: (item) => item.service,
  name: (item) => ("name" in item ? item.name : undefined),
  kind: (item) => ("kind" in item ? item.kind : undefined),
  status: (item) => ("status" in item ? item.status.code : undefined),
  severity: (item) => ("severityNumber" in item ? item.severityNumber : undefined),
  type: (item) => ("type" in item ? item.type : undefined),
} as const satisfies Record<GroupField, (item: ItemOf<ItemKind>) => GroupedValue>;

/** The value of a decoded item by which it is grouped: of an attribute, that of the item, else its scope, else its resource. */
export function groupedValue(item: ItemOf<ItemKind>, by: GroupBy): GroupedValue {
  return "field" in by ? fieldValues[by.field](item) : attributeOf(item, by.attribute);
}

function attributeOf({ attributes, scope, resource }: WithAttributes, key: string): GroupedValue {
  const holder = [attributes, scope.attributes, resource].find((each) => Object.hasOwn(each, key));
  return holder?.[key];
}
