import assert from "node:assert/strict";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ObsvtyError } from "../../../src/domain/errors.ts";
import type { Signal } from "../../../src/domain/signal.ts";
import { lenientSchema } from "../../../src/otlp/decode/lenient-schema.ts";
import type { EncodedRequest } from "../../../src/otlp/json/encoding-report.ts";
import type { ReadingOptions } from "../../../src/otlp/json/json-reader.ts";
import { printableName } from "../../../src/otlp/json/unknown-field.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { readJson } from "../read-json.ts";
import { encodeJsonRequest } from "./encode-request.ts";

export type Verdict = "read" | "read in part" | "refused" | "not JSON";

/**
 * Reads a request by the JSON reader and by its oracle, and fails when they do not agree. Beside what `comparable` says
 * they differ in two ways that its requests do not have: the oracle refuses unknown fields of many thousand levels, and
 * it takes unknown names that are integers for the first ones of their object, as JavaScript's objects do.
 */
export function compareWithOracle(signal: Signal, json: Uint8Array, options?: ReadingOptions): Verdict {
  const read = outcomeOf(() => readJson(signal, json, options));
  const expected = outcomeOf(() => encodeJsonRequest(signal, json, options));
  if (read instanceof ObsvtyError || expected instanceof ObsvtyError) {
    assert.ok(read instanceof ObsvtyError, `read, but refused by the oracle: ${messageOf(expected)}`);
    assert.ok(expected instanceof ObsvtyError, `refused, but read by the oracle: ${messageOf(read)}`);
    assert.equal(messageOf(read), messageOf(expected));
    return messageOf(read).startsWith("not JSON") ? "not JSON" : "refused";
  }
  assert.deepEqual(comparable(signal, read), comparable(signal, expected));
  const { rejections, omissions } = read.report;
  return rejections.length + omissions.length > 0 ? "read in part" : "read";
}

function outcomeOf(read: () => EncodedRequest): EncodedRequest | ObsvtyError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ObsvtyError && error.code === "not-the-message") return error;
    throw error;
  }
}

function messageOf(outcome: EncodedRequest | ObsvtyError): string {
  return outcome instanceof ObsvtyError ? outcome.message : "";
}

/** An outcome, without what may differ for a reason. */
function comparable(signal: Signal, { bytes, report }: EncodedRequest) {
  const schema: DescMessage = lenientSchema(requestSchemas[signal]);
  return {
    // The reader keeps the order of the JSON. The oracle writes fields that lead to items after all others.
    bytes: Buffer.from(toBinary(schema, fromBinary(schema, bytes))).toString("hex"),
    report: {
      ...report,
      // Of an unknown name that comes twice in an object, JSON.parse keeps one.
      warnings: report.warnings.map((warning) =>
        warning.reason === "unknown field" ? { ...warning, count: 0 } : warning,
      ),
      // The reader keeps no more of a name than is printed.
      unknownField: report.unknownField && {
        path: report.unknownField.path,
        name: printableName(report.unknownField.name),
      },
    },
  };
}
