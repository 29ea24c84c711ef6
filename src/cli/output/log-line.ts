import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { LogRecord } from "../../../gen/obsvty/v1/query_pb.ts";
import { SeverityNumber, SeverityNumberSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { timePiece } from "./clock-time.ts";
import { line, type Piece, type Style, spaced, type View } from "./line.ts";
import { attributesPiece, omittedPiece, servicePiece, traceIdPiece, valueText } from "./value-text.ts";

/** A log record as a line: time, severity, service, event name, body, attributes, trace id. */
export function logLine(log: LogRecord, view: View): string {
  const { service, eventName, body, attributes, traceId } = log;
  return line(
    spaced([
      timePiece(log.time ?? log.observedTime, view),
      severityPiece(log),
      servicePiece(service),
      { text: eventName, style: "bold" },
      { text: body === undefined ? "" : valueText(toJson(ValueSchema, body)) },
      omittedPiece(log),
      attributesPiece(attributes),
      traceIdPiece(traceId, "trace "),
    ]),
    view,
  );
}

const severityColumns = 5;

/** The severity as the source spelt it, else by OTLP's name. */
function severityPiece({ severity, severityText }: LogRecord): Piece {
  const name = severity === SeverityNumber.UNSPECIFIED ? "" : severityName(severity);
  const style = severityStyle(severity);
  return { text: (severityText || name || "-").padEnd(severityColumns), ...(style && { style }) };
}

/** `ERROR`, or the number of a severity that OTLP does not define. */
function severityName(severity: number): string {
  return SeverityNumberSchema.values.find(({ number }) => number === severity)?.localName ?? String(severity);
}

function severityStyle(severity: number): Style | undefined {
  if (severity >= SeverityNumber.ERROR) return "red";
  if (severity >= SeverityNumber.WARN) return "yellow";
  if (severity >= SeverityNumber.INFO) return "green";
  return severity === SeverityNumber.UNSPECIFIED ? undefined : "dim";
}
