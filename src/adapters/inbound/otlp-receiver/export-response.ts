import { create, type DescMessage, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { IngestOutcome } from "../../../domain/outcome.ts";
import { bySignal, type Signal } from "../../../domain/signal.ts";
import { responseSchemas } from "../../../otlp/services.ts";
import type { MessageFormat } from "./framings/framing.ts";

/** What became of a request that was not refused. */
export type Received = Exclude<IngestOutcome, { kind: "refused" }>;

const emptyMessage = new Uint8Array();
const emptyJson = Buffer.from("{}");

/**
 * The encoded answer to a request that was not refused. On full success `partial_success` stays unset (OTLP 1.11,
 * "Full Success").
 */
export function exportResponse(signal: Signal, outcome: Received, format: MessageFormat): Uint8Array {
  if (outcome.kind === "accepted") return format === "protobuf" ? emptyMessage : emptyJson;
  const schema: DescMessage = responseSchemas[signal];
  const partialSuccess = {
    [rejectedFields[signal]]: BigInt(outcome.rejected),
    errorMessage: outcome.message,
  };
  const response = create(schema, { partialSuccess });
  return format === "protobuf" ? toBinary(schema, response) : Buffer.from(toJsonString(schema, response));
}

/** `rejected_spans` and its like: the first field of each signal's `partial_success`. */
const rejectedFields = bySignal((signal) => {
  const { message } = responseSchemas[signal].field.partialSuccess;
  const [first] = message?.fields ?? [];
  if (first === undefined) throw new Error(`the response of ${signal} counts nothing`);
  return first.localName;
});
