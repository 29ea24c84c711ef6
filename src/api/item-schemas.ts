import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import {
  LogFilterSchema,
  LogRecordSchema,
  MetricFilterSchema,
  MetricPointSchema,
  SpanFilterSchema,
  SpanSchema,
} from "../../gen/obsvty/v1/query_pb.ts";
import type { ItemKind } from "../domain/item-kind.ts";

/** The message of the API that is the filter for items of each kind. */
export const filterSchemas = {
  spans: SpanFilterSchema,
  logs: LogFilterSchema,
  metrics: MetricFilterSchema,
} as const satisfies Record<ItemKind, DescMessage>;

/** The message of the API that each kind of items is shown as. */
export const itemSchemas = {
  spans: SpanSchema,
  logs: LogRecordSchema,
  metrics: MetricPointSchema,
} as const satisfies Record<ItemKind, DescMessage>;

export type FilterMessage<Kind extends ItemKind> = MessageShape<(typeof filterSchemas)[Kind]>;
export type ItemMessage<Kind extends ItemKind> = MessageShape<(typeof itemSchemas)[Kind]>;
