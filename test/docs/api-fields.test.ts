import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescMessage } from "@bufbuild/protobuf";
import { file_obsvty_v1_query } from "../../gen/obsvty/v1/query_pb.ts";
import { readPage } from "../support/docs/markdown.ts";

function withNested(message: DescMessage): DescMessage[] {
  return [message, ...message.nestedMessages.flatMap(withNested)];
}

/** The second one has the fields of sinks. */
const told = ["docs/api.md", "docs/forwarding.md"].map(readPage).join("\n");

test("docs/api.md and docs/forwarding.md tell every field of the API's requests and answers", () => {
  const code = Array.from(told.matchAll(/`([^`\n]+)`/g), ([, span]) => span);
  const names = new Set(code.flatMap((span = "") => span.split(/\W+/)));
  const missing = file_obsvty_v1_query.messages
    .flatMap(withNested)
    .filter(({ name }) => !name.endsWith("Entry"))
    .flatMap(({ name, fields }) => fields.map(({ jsonName }) => [name, jsonName] as const))
    .filter(([, field]) => !names.has(field));
  assert.deepEqual(missing, []);
});
