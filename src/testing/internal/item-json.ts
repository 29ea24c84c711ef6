import { type DescMessage, type Message, toJson } from "@bufbuild/protobuf";
import { itemMessages } from "../../adapters/inbound/query-api/item-messages.ts";
import { itemSchemas } from "../../api/item-schemas.ts";
import { apiJsonWriteOptions } from "../../api/json-options.ts";
import type { ItemKind, ItemOf } from "../../domain/item-kind.ts";
import type { Reader } from "../../use-cases/read/reader.ts";
import type { Items } from "../items.ts";

/** The decoded item behind each one that was handed out, which filters look at. */
const decoded = new WeakMap<object, { readonly kind: ItemKind; readonly item: unknown }>();

/** The decoded item; undefined for an object that no receiver has handed out as an item of this kind. */
export function decodedItem<Kind extends ItemKind>(kind: Kind, shown: object): ItemOf<Kind> | undefined {
  const known = decoded.get(shown);
  return known?.kind === kind ? (known.item as ItemOf<Kind>) : undefined;
}

/** Shows items as the API's JSON does. */
export type ShowItem = <Kind extends ItemKind>(kind: Kind, item: ItemOf<Kind>) => Items[Kind];

/** What was made of each decoded item. */
const shown = new WeakMap<object, object>();

/** Shows items that a receiver has shown before, and no others. */
export const shownBefore: ShowItem = <Kind extends ItemKind>(_kind: Kind, item: ItemOf<Kind>) => {
  return shown.get(item) as Items[Kind];
};

/** Of the same decoded item the same object is made, so that a filter that waits makes each only once. */
export function createShowItem(reader: Pick<Reader, "itemCursor">): ShowItem {
  return <Kind extends ItemKind>(kind: Kind, item: ItemOf<Kind>) => {
    const known = shown.get(item);
    if (known !== undefined) return known as Items[Kind];
    const message: Message = itemMessages(reader, kind)(item);
    const json = toJson(
      itemSchemas[kind] as DescMessage,
      message,
      apiJsonWriteOptions,
    ) as unknown as Items[Kind];
    shown.set(item, json);
    decoded.set(json, { kind, item });
    return json;
  };
}
