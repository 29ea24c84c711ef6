import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { filterArguments } from "../../src/adapters/inbound/mcp/tool-arguments.ts";
import { readFilter } from "../../src/adapters/inbound/query-api/item-messages.ts";
import { type FilterMessage, filterSchemas } from "../../src/api/item-schemas.ts";
import { fieldOf, filterFlags } from "../../src/cli/flags/filter-flags.ts";
import { type ItemKind, itemKinds } from "../../src/domain/item-kind.ts";
import type { Filters } from "../../src/testing/filters.ts";
import { logFields, metricFields, spanFields } from "../../src/use-cases/filter/filter-fields.ts";
import { isForAll } from "../../src/use-cases/filter/item-plan.ts";
import { filterFields as pageFields } from "../../src/web/state/filter-fields.ts";

/*
 * The fields of a filter are told by the messages of the API. Whatever offers filters has all of them: a new one in
 * `query.proto` fails here until each has it.
 */

const fieldsOf = (kind: ItemKind): readonly DescField[] => (filterSchemas[kind] as DescMessage).fields;
const names = (kind: ItemKind) =>
  fieldsOf(kind)
    .map(({ name }) => name)
    .sort();
const localNames = (kind: ItemKind) =>
  fieldsOf(kind)
    .map(({ localName }) => localName)
    .sort();

/** A value that a field can have, and that is not the one for "not set". */
function sampleOf({ fieldKind, message, enum: values, name }: DescField): unknown {
  if (fieldKind === "map") return { key: "value" };
  if (message !== undefined) return { seconds: 1n };
  if (values !== undefined) return values.values[1]?.number;
  return name === "trace_id" ? "1".repeat(32) : "true";
}

describe("each field of the API's filter has a meaning and is read, of", () => {
  const meanings = { spans: spanFields, logs: logFields, metrics: metricFields } as const;
  for (const kind of itemKinds) {
    test(`${kind}: the use cases define it`, () => {
      const defined = Object.values(meanings[kind])
        .map(({ name }) => name)
        // A search of traces asks for it, and no caller.
        .filter((name) => name !== "trace_ids");
      assert.deepEqual(defined.sort(), names(kind));
    });

    for (const field of fieldsOf(kind)) {
      test(`${kind}: a request with ${field.name} does not match all items`, async () => {
        const schema: DescMessage = filterSchemas[kind];
        const message = create(schema, { [field.localName]: sampleOf(field) });
        const filter = await readFilter(kind, message as unknown as FilterMessage<typeof kind>, "filter");
        assert.equal(isForAll(filter), false);
      });
    }
  }
});

describe("each field of the API's filter is offered", () => {
  for (const kind of itemKinds) {
    test(`by the flags of the command line for ${kind}`, () => {
      assert.deepEqual(filterFlags[kind].map(fieldOf).sort(), localNames(kind));
    });

    test(`by the arguments of the tools of /mcp for ${kind}, the kind of a span as span_kind`, () => {
      const wanted = names(kind).map((name) => (name === "kind" ? "span_kind" : name));
      assert.deepEqual(Object.keys(filterArguments[kind]).sort(), wanted.sort());
    });
  }

  // The page shows metrics as charts, which it does not filter by these fields.
  for (const kind of ["spans", "logs"] as const) {
    test(`by the page for ${kind}`, () => {
      const values = ["error", "server", "10ms", "2026-11-27T10:00:00Z"];
      const offered = pageFields
        .filter((field) => field.of.includes(kind))
        .flatMap(({ own }) => Object.keys(values.map((value) => own?.(value)).find(Boolean) ?? {}));
      // Any name that is no field is the key of an attribute.
      assert.deepEqual([...offered, "attributes"].sort(), localNames(kind));
    });
  }

  test("by the types of obsvty/testing", () => {
    type FieldName<Kind extends ItemKind> = Exclude<keyof FilterMessage<Kind>, `$${string}`>;
    // It does not compile when a field is not in the type of the filter.
    const offered = {
      spans: (field: FieldName<"spans">): keyof Filters["spans"] => field,
      logs: (field: FieldName<"logs">): keyof Filters["logs"] => field,
      metrics: (field: FieldName<"metrics">): keyof Filters["metrics"] => field,
    };
    assert.deepEqual(Object.keys(offered), itemKinds);
  });
});
