import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { LogRecord } from "../../../gen/obsvty/v1/query_pb.ts";
import { SeverityNumber, SeverityNumberSchema } from "../../../gen/opentelemetry/proto/logs/v1/logs_pb.ts";
import { enumName } from "../enum-value.ts";
import { clockTime } from "../proto-time.ts";
import { line, type Piece, type Style, spaced, type View } from "./line.ts";
import { attributesPiece, servicePiece, valueText } from "./value-text.ts";

/** Time, severity, service, event name, body, attributes, trace id. */
export function logLine(log: LogRecord, view: View): string {
  const { service, eventName, body, attributes, traceId } = log;
  return line(
    spaced([
      { text: clockTime(log.time ?? log.observedTime), style: "dim" },
      severityPiece(log),
      servicePiece(service),
      { text: eventName, style: "bold" },
      { text: body === undefined ? "" : valueText(toJson(ValueSchema, body)) },
      attributesPiece(attributes),
      { text: traceId === "" ? "" : `trace ${traceId}`, style: "dim" },
    ]),
    view,
  );
}

const severityColumns = 5;

/** The source's own word for it, when it has one. */
function severityPiece({ severity, severityText }: LogRecord): Piece {
  const name = severity === SeverityNumber.UNSPECIFIED ? "" : enumName(SeverityNumberSchema, severity);
  const style = severityStyle(severity);
  return { text: (severityText || name || "-").padEnd(severityColumns), ...(style && { style }) };
}

function severityStyle(severity: number): Style | undefined {
  if (severity >= SeverityNumber.ERROR) return "red";
  if (severity >= SeverityNumber.WARN) return "yellow";
  if (severity >= SeverityNumber.INFO) return "green";
  return severity === SeverityNumber.UNSPECIFIED ? undefined : "dim";
}
