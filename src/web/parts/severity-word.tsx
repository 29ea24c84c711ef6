import type { JSX } from "preact";
import type { LogRecordJson } from "../../../gen/obsvty/v1/query_pb.ts";

export function SeverityWord({ record }: { readonly record: LogRecordJson }): JSX.Element {
  const name = String(record.severity ?? "").replace("SEVERITY_NUMBER_", "");
  const word = name === "" || name === "UNSPECIFIED" ? record.severityText || "–" : name;
  const level = /^[A-Z]+/.exec(name)?.[0].toLowerCase() ?? "unspecified";
  return (
    <span class={`severity ${level}`}>{level === "error" || level === "fatal" ? `✗ ${word}` : word}</span>
  );
}
