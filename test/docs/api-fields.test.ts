import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescMessage } from "@bufbuild/protobuf";
import { file_obsvty_v1_query } from "../../gen/obsvty/v1/query_pb.ts";
import { readPage } from "../support/docs/markdown.ts";

function withNested(message: DescMessage): DescMessage[] {
  return [message, ...message.nestedMessages.flatMap(withNested)];
}

test("docs/api.md tells every field of the API's requests and answers", () => {
  const code = Array.from(readPage("docs/api.md").matchAll(/`([^`\n]+)`/g), ([, span]) => span);
  const told = new Set(code.flatMap((span = "") => span.split(/\W+/)));
  const missing = file_obsvty_v1_query.messages
    .flatMap(withNested)
    .filter(({ name }) => !name.endsWith("Entry"))
    .flatMap(({ name, fields }) => fields.map(({ jsonName }) => [name, jsonName] as const))
    .filter(([, field]) => !told.has(field));
  assert.deepEqual(missing, []);
});
