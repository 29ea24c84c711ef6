import { fromBinary, type JsonObject, toJson } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import type { LogFilterJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { ExportLogsServiceRequestSchema } from "../../../../gen/opentelemetry/proto/collector/logs/v1/logs_service_pb.ts";
import { readRequests } from "../../api/read-requests.ts";
import { countOf, numberText } from "../../format/value.ts";
import { withHexIds } from "./hex-ids.ts";
import { otlpFile } from "./otlp-file.ts";
import { saveFile } from "./save-file.ts";

/**
 * Saves the log records that match as a file of OTLP/JSON, every field as it was sent.
 * @param after a cursor: only those that arrived after it; "" for all
 * @param tell how it goes
 * @returns what was saved, in words
 */
export async function saveLogs(
  logs: LogFilterJson,
  after: string,
  abort: AbortSignal,
  tell: (words: string) => void,
): Promise<string> {
  const file = otlpFile("resourceLogs");
  // Ends the stream when the file is full.
  const own = new AbortController();
  let saved = 0;
  let missed = 0;
  for await (const message of readRequests({ logs, after }, AbortSignal.any([abort, own.signal]))) {
    const resources = (message.requests ?? []).flatMap(resourceLogsOf);
    missed += Number(message.missed ?? 0);
    if (!file.add(resources)) break;
    saved += Number(message.items ?? 0);
    tell(`reading ${numberText(saved)}`);
  }
  own.abort();
  saveFile("logs.json", ...file.parts);
  return [
    `saved ${file.isFull ? "the oldest " : ""}${countOf(saved, "log record")}`,
    ...(file.isFull ? ["more are too large for one file"] : []),
    ...(missed > 0 ? [`${countOf(missed, "log record")} went to make room for newer ones`] : []),
  ].join("; ");
}

function resourceLogsOf(request: string): readonly unknown[] {
  const message = fromBinary(ExportLogsServiceRequestSchema, base64Decode(request));
  const json = toJson(ExportLogsServiceRequestSchema, message, { enumAsInteger: true }) as JsonObject;
  return withHexIds(json.resourceLogs ?? []) as readonly unknown[];
}
