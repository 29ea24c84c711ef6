import type { DescEnum, DescField, DescMessage } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import type { FieldAction, SchemaActions } from "../scan/schema-table.ts";
import * as layout from "./layout.ts";

/** Rules of single fields. Keys are `Message.field`. */
const rules: Readonly<Record<string, number>> = {
  "Span.name": layout.RULE_NAME,
  "Span.start_time_unix_nano": layout.RULE_START,
  "Span.end_time_unix_nano": layout.RULE_END,
  "Event.name": layout.RULE_NAME,
  "Metric.name": layout.RULE_NAME,
  // The scanner rejects spans for theirs.
  "Link.trace_id": layout.RULE_TRACE_ID,
  "Link.span_id": layout.RULE_SPAN_ID,
  "LogRecord.trace_id": layout.RULE_TRACE_ID,
  "LogRecord.span_id": layout.RULE_SPAN_ID,
  "Exemplar.trace_id": layout.RULE_TRACE_ID,
  "Exemplar.span_id": layout.RULE_SPAN_ID,
};

/** What the strict validator checks of each field and message. */
export const strictActions: SchemaActions = { ofField, ofMessage };

function ofField(field: DescField): FieldAction {
  const rule = rules[`${field.parent.name}.${field.name}`];
  if (rule !== undefined) return [rule, 0];
  if (field.message?.name === "KeyValue") return [layout.RULE_ATTRIBUTES, 0];
  if (field.enum !== undefined) return [layout.RULE_ENUM, greatestOf(field.enum)];
  return [field.scalar === ScalarType.STRING ? layout.RULE_TEXT : 0, 0];
}

function ofMessage({ fields }: DescMessage): number {
  const has = (rule: number) => fields.some((field) => ofField(field)[0] === rule);
  return (
    (has(layout.RULE_NAME) ? layout.MESSAGE_HAS_NAME : 0) |
    (has(layout.RULE_START) ? layout.MESSAGE_HAS_TIMES : 0) |
    (has(layout.RULE_ATTRIBUTES) ? layout.MESSAGE_HAS_ATTRIBUTES : 0)
  );
}

/** The greatest value of an enum whose values are all the numbers from 0 on. */
function greatestOf({ typeName, values }: DescEnum): number {
  if (values.some(({ number }, index) => number !== index)) {
    throw new Error(`the values of ${typeName} are not all the numbers from 0 on`);
  }
  return values.length - 1;
}
