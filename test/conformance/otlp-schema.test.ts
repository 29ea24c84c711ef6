import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { DescFile } from "@bufbuild/protobuf";
import { describeFiles, parseSchemaTable } from "../support/schema-table.ts";

// OTLP 1.11.0 as published: https://github.com/open-telemetry/opentelemetry-proto
const published = parseSchemaTable(
  readFileSync(new URL("./fixtures/otlp-schema-1.11.0.txt", import.meta.url), "utf8"),
);

const generated = describeFiles(await loadGeneratedFiles());

describe("the generated OTLP schema is OTLP 1.11.0", () => {
  for (const [heading, content] of published) {
    it(`the generated OTLP schema is OTLP 1.11.0 in ${heading}`, () => {
      assert.deepEqual(generated.get(heading), content);
    });
  }

  it("the generated OTLP schema has nothing that the published one lacks", () => {
    assert.deepEqual(
      [...generated.keys()].filter((heading) => !published.has(heading)),
      [],
    );
  });

  it("the table of the published OTLP schema has content", () => {
    assert.ok(published.size > 50, `only ${published.size} headings`);
  });
});

/** Everything under gen/opentelemetry, found by looking, so that a file too many is seen as well. */
async function loadGeneratedFiles(): Promise<DescFile[]> {
  const root = new URL("../../gen/opentelemetry/", import.meta.url);
  const modules = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith("_pb.ts"));
  const exported = await Promise.all(
    modules.map(async (path) => Object.values(await import(new URL(path, root).href))),
  );
  return exported.flat().filter(isDescFile);
}

function isDescFile(value: unknown): value is DescFile {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file";
}
