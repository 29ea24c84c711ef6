import type { JSX } from "preact";
import type { LogRecordJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { hrefTo } from "../../state/address.ts";
import { traceOf } from "./record-facts.ts";

/** Leads to the trace of a log record, and to the records of it. */
export function OfTrace({ record }: { readonly record: LogRecordJson }): JSX.Element | null {
  if (!record.traceId) return null;
  return (
    <>
      <dt>trace</dt>
      <dd>
        <a class="mono" href={hrefTo(traceOf(record))}>
          {record.traceId}
        </a>
        <br />
        <a href={hrefTo({ view: "logs", params: { trace: record.traceId } })}>logs of this trace alone</a>
        {record.spanId && (
          <>
            {", "}
            <a href={hrefTo({ view: "logs", params: { trace: record.traceId, span: record.spanId } })}>
              of this span alone
            </a>
          </>
        )}
      </dd>
    </>
  );
}
